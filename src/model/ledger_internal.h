/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger_internal.h - shared by ledger.c and ledger_compact.c
 */
#ifndef MODMEM_LEDGER_INTERNAL_H
#define MODMEM_LEDGER_INTERNAL_H

#include "ledger.h"

struct memo {
	struct account_key key;
	uint32_t account;
	uint32_t epoch;
	bool used;
};

/* Live bytes of one site over time. */
struct place_books {
	uint64_t live, peak;
	struct attribution what;	/* of its first account */
};

struct ledger {
	struct account *accounts;
	uint32_t n, room;
	struct memo *memos;	/* open addressing */
	size_t n_memos, n_slots;
	struct row_books *rows;
	size_t n_rows;
	struct place_books *places;
	uint32_t n_places, places_room;
	uint32_t *place_slots;	/* open addressing: number of a place + 1 */
	size_t n_place_slots;
	struct series *series;	/* NULL: nobody follows */
};

uint64_t ledger_key_hash(const struct account_key *k);

/* The place of account @id, by what it is now; UINT32_MAX: no memory. */
uint32_t ledger_find_place(struct ledger *l, uint32_t id);
void ledger_free_places(struct ledger *l);

#endif
