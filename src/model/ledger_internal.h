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

struct ledger {
	struct account *accounts;
	uint32_t n, room;
	struct memo *memos;	/* open addressing */
	size_t n_memos, n_slots;
	struct row_books *rows;
	size_t n_rows;
	struct series *series;	/* NULL: nobody follows */
};

uint64_t ledger_key_hash(const struct account_key *k);

#endif
