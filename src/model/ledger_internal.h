/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger_internal.h - shared by ledger.c, ledger_compact.c and ledger_places.c
 */
#ifndef MODMEM_LEDGER_INTERNAL_H
#define MODMEM_LEDGER_INTERNAL_H

#include "hash_index.h"
#include "ledger.h"

struct memo {
	struct account_key key;
	uint32_t account;
	uint32_t epoch;
	bool used;
};

/* Open addressing. */
struct ledger_memos {
	struct memo *slots;
	size_t n, n_slots;
};

/* What the places of the ledger are, and where to find them. */
struct ledger_places {
	struct attribution *what;	/* of the first account of each */
	uint32_t n, room;
	struct hash_index index;
};

/* Room for @n accounts, zeroed, as they are aligned; NULL: no memory. free() it. */
struct account *ledger_alloc(size_t n);

uint64_t ledger_key_hash(const struct account_key *k);

/* The place of account @id, by what it is now; UINT32_MAX: no memory. */
uint32_t ledger_find_place(struct ledger *l, uint32_t id);
void ledger_free_places(struct ledger *l);

#endif
