// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot_pools.c - whose the memory is that a pool took for itself
 *
 * A dma_pool takes pages when it has no block left and never gives them back before
 * it is destroyed (mm/dmapool.c); a mempool keeps what is returned while its reserve
 * is not full (mempool_free(), mm/mempool.c). Pages of a page_pool come back to it
 * from sockets that may outlive the driver (net/core/page_pool.c,
 * page_pool_release_retry()). So what a driver's request made the pool
 * of its bus take stays when the driver goes, and is no leak of it.
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "ledger.h"
#include "modmap.h"
#include "strings_table.h"

/* By the names that attribution gives to calls (allocfn.c). */
static bool fills_pool(const char *via)
{
	return !strcmp(via, "dma_pool_alloc") || !strcmp(via, "mempool_alloc") ||
	       !strcmp(via, "page_pool");
}

static bool makes_pool(const char *via)
{
	return !strcmp(via, "dma_pool_create") || !strcmp(via, "mempool_create") ||
	       !strcmp(via, "mempool_init") ||
	       !strncmp(via, "page_pool_create", strlen("page_pool_create"));
}

int build_pools(struct builder *b)
{
	struct ledger *l = books_ledger(b->rs->books);
	size_t n = ledger_count(l);
	bool *has = calloc(modmap_count(books_modmap(b->rs->books)) + 1, sizeof(*has));

	b->pool = arena_zalloc(b->arena, n, sizeof(*b->pool));
	if (!has || !b->pool) {
		free(has);
		return -ENOMEM;
	}
	for (uint32_t i = 1; i < n; i++) {
		const struct account *a = build_account(b, i);
		const char *via = a->what.via ? strings_get(b->rs->strings, a->what.via) : "";

		if (a->what.charge == CHARGE_INSIDE)	/* a block of a pool */
			has[a->what.owner] |= a->live_bytes != 0;
		else if (makes_pool(via))
			has[a->what.owner] = true;
		else if (fills_pool(via))
			b->pool[i] = POOL_OTHERS;
	}
	for (uint32_t i = 1; i < n; i++)
		if (b->pool[i] && has[build_account(b, i)->what.owner])
			b->pool[i] = POOL_PERHAPS_OWN;
	free(has);
	return 0;
}
