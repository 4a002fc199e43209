// SPDX-License-Identifier: GPL-2.0-or-later
#include "samples.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "decode.h"
#include "error.h"
#include "modmap.h"
#include "stacks.h"
#include "strings_table.h"

#define EVENTS_MAX 20000u	/* that are looked at */
#define INNER_MAX 64u		/* there are some for each event */

static void add(uint64_t *all, size_t *n, size_t max, uint64_t addr)
{
	size_t lo = 0, hi = *n, i;

	if (*n == max || !modmap_may_be_code(addr))
		return;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (all[mid] < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < *n && all[lo] == addr)
		return;
	for (i = (*n)++; i > lo; i--)
		all[i] = all[i - 1];
	all[lo] = addr;
}

static bool is_allocation(const struct event *ev)
{
	return ev->type == EVENT_SLAB_ALLOC || ev->type == EVENT_PAGE_ALLOC ||
	       ev->type == EVENT_PERCPU_ALLOC;
}

static int take(struct samples *s, struct decoder *d, struct stacks *stacks, size_t max)
{
	struct event ev;
	int got = 0;

	for (size_t i = 0; i < EVENTS_MAX && s->n < max; i++) {
		const uint64_t *frames;
		size_t n, f;

		got = decoder_next(d, &ev, NULL);
		if (got <= 0)
			break;
		if (ev.type <= EVENT_PERCPU_ALLOC)	/* others have other things there */
			add(s->addr, &s->n, max, ev.call_site);
		frames = stacks_get(stacks, ev.stack, &n);
		for (f = 0; f < n; f++)
			add(s->addr, &s->n, max, frames[f]);
		if (n && is_allocation(&ev))
			add(s->inner, &s->n_inner, INNER_MAX, frames[0]);
	}
	return got < 0 ? got : 0;
}

int samples_take(struct samples *s, struct source *src, size_t max, struct error *err)
{
	struct strings *strings = strings_new();
	struct stacks *stacks = stacks_new();
	struct decoder *d = NULL;
	int ret = -ENOMEM;

	*s = (struct samples){
		.addr = calloc(max + 1, sizeof(*s->addr)),
		.inner = calloc(INNER_MAX, sizeof(*s->inner)),
	};
	if (!strings || !stacks || !s->addr || !s->inner) {
		error_set(err, ret, "out of memory");
		goto out;
	}
	d = decoder_new(src, stacks, strings, err);
	if (!d) {
		ret = -EINVAL;
		goto out;
	}
	ret = take(s, d, stacks, max);
	if (ret)
		error_set(err, ret, "out of memory");
out:
	decoder_free(d);
	stacks_free(stacks);
	strings_free(strings);
	if (ret)
		samples_release(s);
	return ret;
}

void samples_release(struct samples *s)
{
	free(s->addr);
	free(s->inner);
	*s = (struct samples){ 0 };
}
