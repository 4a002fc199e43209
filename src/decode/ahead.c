// SPDX-License-Identifier: GPL-2.0-or-later
#include "ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "decode.h"
#include "source.h"

/* One being read, one being written, and some so that neither waits often. */
#define BATCHES 4u

struct ahead {
	struct decoder *d;
	struct source *src;
	uint64_t limit;
	struct event first;	/* decoded before the thread began */
	bool has_first;
	bool late;		/* an event was behind the limit: no more of them */
	struct ahead_batch batches[BATCHES];
	size_t filled, taken;	/* batches so far: filled - taken are waiting */
	bool reading;		/* the one before taken is in use */
	bool stop;
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static int next(struct ahead *a, struct event *ev)
{
	int got = 1;

	if (a->late)
		return 0;
	if (a->has_first)
		*ev = a->first;
	else
		got = decoder_next(a->d, ev, NULL);
	a->has_first = false;
	a->late = got == 1 && ev->ts > a->limit;
	return a->late ? 0 : got;
}

static void fill(struct ahead *a, struct ahead_batch *b)
{
	int got = 1;

	b->n = 0;
	b->error = 0;
	while (b->n < AHEAD_BATCH && (got = next(a, &b->events[b->n])) == 1)
		b->n++;
	/* an error waits until what came before it was taken */
	if (got < 0 && !b->n)
		b->error = got;
	b->late = a->late;
	source_progress(a->src, &b->done, &b->total);
}

/* Batches that may be filled: not those waiting, nor the one in use. */
static bool has_room(const struct ahead *a)
{
	return a->filled - a->taken + a->reading < BATCHES;
}

static void *run(void *arg)
{
	struct ahead *a = arg;
	bool more = true;

	while (more) {
		struct ahead_batch *b;

		pthread_mutex_lock(&a->lock);
		while (!has_room(a) && !a->stop)
			pthread_cond_wait(&a->changed, &a->lock);
		more = !a->stop;
		b = &a->batches[a->filled % BATCHES];
		pthread_mutex_unlock(&a->lock);
		if (!more)
			break;
		fill(a, b);
		more = b->n > 0;
		pthread_mutex_lock(&a->lock);
		a->filled++;
		pthread_cond_signal(&a->changed);
		pthread_mutex_unlock(&a->lock);
	}
	return NULL;
}

/* Signals are for the thread that the program started with. */
static bool start_thread(struct ahead *a)
{
	sigset_t all, old;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ok = !pthread_create(&a->thread, NULL, run, a);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ok;
}

struct ahead *ahead_new(struct decoder *d, struct source *src,
			const struct event *first, uint64_t limit)
{
	struct ahead *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->d = d;
	a->src = src;
	a->limit = limit;
	if (first) {
		a->first = *first;
		a->has_first = true;
	}
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	a->threaded = start_thread(a);
	return a;
}

const struct ahead_batch *ahead_next(struct ahead *a)
{
	struct ahead_batch *b;

	if (!a->threaded) {
		fill(a, &a->batches[0]);
		return &a->batches[0];
	}
	pthread_mutex_lock(&a->lock);
	if (a->reading) {
		a->reading = false;
		pthread_cond_signal(&a->changed);
	}
	while (a->filled == a->taken)
		pthread_cond_wait(&a->changed, &a->lock);
	b = &a->batches[a->taken % BATCHES];
	/* the last one, which is empty, is returned again and again */
	if (b->n) {
		a->taken++;
		a->reading = true;
	}
	pthread_mutex_unlock(&a->lock);
	return b;
}

void ahead_free(struct ahead *a)
{
	if (!a)
		return;
	if (a->threaded) {
		pthread_mutex_lock(&a->lock);
		a->stop = true;
		pthread_cond_signal(&a->changed);
		pthread_mutex_unlock(&a->lock);
		pthread_join(a->thread, NULL);
	}
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
