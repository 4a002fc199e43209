// SPDX-License-Identifier: GPL-2.0-or-later
#include "samples.h"

#include <errno.h>
#include <stdlib.h>

#include "decode.h"
#include "error.h"
#include "modmap.h"
#include "stacks.h"
#include "strings_table.h"

#define EVENTS_MAX 20000u	/* that are looked at */

static void add(struct samples *s, size_t max, uint64_t addr)
{
	size_t lo = 0, hi = s->n, i;

	if (s->n == max || !modmap_may_be_code(addr))
		return;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->addr[mid] < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < s->n && s->addr[lo] == addr)
		return;
	for (i = s->n++; i > lo; i--)
		s->addr[i] = s->addr[i - 1];
	s->addr[lo] = addr;
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
			add(s, max, ev.call_site);
		frames = stacks_get(stacks, ev.stack, &n);
		for (f = 0; f < n; f++)
			add(s, max, frames[f]);
	}
	return got < 0 ? got : 0;
}

int samples_take(struct samples *s, struct source *src, size_t max, struct error *err)
{
	struct strings *strings = strings_new();
	struct stacks *stacks = stacks_new();
	struct decoder *d = NULL;
	int ret = -ENOMEM;

	s->n = 0;
	s->addr = calloc(max + 1, sizeof(*s->addr));
	if (!strings || !stacks || !s->addr) {
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
	if (ret) {
		free(s->addr);
		s->addr = NULL;
		s->n = 0;
	}
	return ret;
}
