// SPDX-License-Identifier: GPL-2.0-or-later
#include "ahead.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "decode_internal.h"
#include "interner.h"

/* More threads would wait for who keeps the books. */
#define WORKERS_MAX	8u

/* Chunks of one stream that wait to be taken, at most and at least ... */
#define DEPTH_MAX	16u
#define DEPTH_MIN	2u

/* ... and bytes of all streams'. */
#define WAITING_MAX	((size_t)8 << 20)

/* One stream: its chunks are decoded and taken in their order. */
struct lane {
	struct chunk *ring[DEPTH_MAX];
	size_t filled, taken;	/* chunks so far: filled - taken are waiting */
	bool reading;		/* the one before taken is in use */
	bool busy;		/* somebody decodes the next one */
	bool done;		/* there is no next one, or it is behind the limit */
};

struct worker {
	struct ahead *a;
	struct interner *interner;
	pthread_t thread;
};

struct ahead {
	struct decoder *d;
	uint64_t limit;
	struct event first;	/* decoded before the threads began */
	bool has_first;
	struct ahead_events given;
	struct chunk *empty;	/* of a stream at its end */

	struct lane *lanes;
	size_t n_lanes, depth, room;
	struct worker workers[WORKERS_MAX];
	unsigned int n_workers;

	pthread_mutex_t lock;	/* of all below, and of what is in lanes */
	pthread_cond_t work;	/* a worker may find something to do */
	pthread_cond_t news;	/* a chunk was filled */
	size_t waiting;		/* chunks, of all lanes */
	unsigned int idle;	/* workers that wait for work */
	bool taker_waits;
	bool stop;
};

/* ---- decoding ----------------------------------------------------------- */

/* Chunks that may be filled: not those waiting, nor the one in use. */
static bool has_work(const struct ahead *a, const struct lane *l)
{
	return !l->busy && !l->done && l->filled - l->taken + l->reading < a->depth;
}

/* The lane that will run dry first; NULL: nothing is to be done. */
static struct lane *find_work(struct ahead *a)
{
	struct lane *best = NULL;
	size_t i;

	for (i = 0; i < a->n_lanes; i++) {
		struct lane *l = &a->lanes[i];

		if (has_work(a, l) &&
		    (!best || l->filled - l->taken < best->filled - best->taken))
			best = l;
	}
	return best;
}

/* Decodes the next chunk of @l. Called, and returns, with the lock held. */
static void decode(struct ahead *a, struct lane *l, struct interner *in)
{
	struct decode_stream *s = &a->d->streams[l - a->lanes];
	struct chunk **slot = &l->ring[l->filled % a->depth];

	l->busy = true;
	pthread_mutex_unlock(&a->lock);
	if (!*slot)
		*slot = chunk_new(a->room);
	if (*slot)
		chunk_fill(*slot, s, in, a->limit);
	pthread_mutex_lock(&a->lock);
	l->busy = false;
	l->done = !*slot || (*slot)->late || !(*slot)->more;
	l->filled++;
	a->waiting++;
	if (a->taker_waits)
		pthread_cond_signal(&a->news);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct ahead *a = w->a;

	pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		struct lane *l = find_work(a);

		if (l) {
			decode(a, l, w->interner);
			continue;
		}
		a->idle++;
		pthread_cond_wait(&a->work, &a->lock);
		a->idle--;
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/*
 * What decoder_next() asks for. Who takes the events helps to decode them
 * when they are not there yet, so that no processor waits for another.
 */
static struct chunk *next_chunk(void *arg, size_t i)
{
	struct ahead *a = arg;
	struct lane *l = &a->lanes[i], *other;
	struct interner *in = a->d->interner;
	struct chunk *c = NULL;

	pthread_mutex_lock(&a->lock);
	l->reading = false;
	while (l->filled == l->taken && !l->done) {
		other = l->busy ? find_work(a) : l;
		if (other) {
			decode(a, other, in);
			continue;
		}
		a->taker_waits = true;
		pthread_cond_wait(&a->news, &a->lock);
		a->taker_waits = false;
	}
	if (l->filled > l->taken) {
		c = l->ring[l->taken++ % a->depth];
		l->reading = true;
		a->waiting--;
	} else {
		c = a->empty;
	}
	/* not for each chunk: to wake a thread costs more than to decode one */
	if (a->idle && a->waiting * 2 <= a->depth * a->n_lanes)
		pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	return c;
}

/* ---- taking ------------------------------------------------------------- */

/*
 * The first event behind the limit ends it. It has been taken, in a way: its
 * stream is known whole up to the event behind it, as it is of all others.
 */
static void look_behind(struct ahead *a)
{
	chunk_fill(a->empty, &a->d->streams[a->d->heap[0].stream], a->d->interner, 0);
	a->empty->n = 0;
}

const struct ahead_events *ahead_next(struct ahead *a)
{
	struct ahead_events *given = &a->given;
	int got = 0;

	given->n = 0;
	if (given->error || given->late)
		return given;
	if (a->has_first) {
		a->has_first = false;
		given->events[0] = &a->first;
		given->late = a->first.ts > a->limit;
		given->n = !given->late;
		return given;
	}
	got = decoder_batch(a->d, given->events, AHEAD_EVENTS);
	if (got > 0) {
		given->n = (size_t)got;
		return given;
	}
	given->error = got;
	given->late = !got && a->d->n_heap;
	if (given->late)
		look_behind(a);
	return given;
}

/* Signals are for the thread that the program started with. */
static void start_threads(struct ahead *a, unsigned int n)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (a->n_workers < n) {
		struct worker *w = &a->workers[a->n_workers];

		w->a = a;
		w->interner = interner_new(&a->d->last_origin);
		if (!w->interner)
			break;
		if (pthread_create(&w->thread, NULL, work, w)) {
			interner_free(w->interner);
			break;
		}
		a->n_workers++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static unsigned int processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

struct ahead *ahead_new(struct decoder *d, const struct event *first,
			uint64_t limit, unsigned int threads)
{
	struct ahead *a = calloc(1, sizeof(*a));
	size_t i;

	if (!a)
		return NULL;
	a->d = d;
	a->limit = limit;
	if (first) {
		a->first = *first;
		a->has_first = true;
	}
	a->n_lanes = d->n_streams;
	a->room = decoder_chunk_events(d);
	a->depth = WAITING_MAX / ((a->n_lanes + 1) * a->room * sizeof(struct event));
	if (a->depth > DEPTH_MAX)
		a->depth = DEPTH_MAX;
	if (a->depth < DEPTH_MIN)
		a->depth = DEPTH_MIN;
	a->lanes = calloc(a->n_lanes + 1, sizeof(*a->lanes));
	a->empty = chunk_new(1);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	pthread_cond_init(&a->news, NULL);
	if (!a->lanes || !a->empty || decoder_begin(d)) {
		ahead_free(a);
		return NULL;
	}
	for (i = 0; i < a->n_lanes; i++) {
		const struct head *h = &d->heads[i];

		/* what decoder_next() began with */
		a->lanes[i].done = decode_stream_done(&d->streams[i]);
		if (h->chunk && h->at < h->chunk->n &&
		    h->chunk->events[h->chunk->n - 1].ts > limit)
			a->lanes[i].done = true;
	}
	d->rules.horizon = limit;
	d->next_chunk = next_chunk;
	d->next_arg = a;
	if (!threads)
		threads = processors();
	if (threads > a->n_lanes + 1)
		threads = (unsigned int)a->n_lanes + 1;
	if (threads > WORKERS_MAX + 1)
		threads = WORKERS_MAX + 1;
	start_threads(a, threads - 1);
	return a;
}

void ahead_free(struct ahead *a)
{
	unsigned int w;
	size_t i, k;

	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	for (w = 0; w < a->n_workers; w++) {
		pthread_join(a->workers[w].thread, NULL);
		interner_free(a->workers[w].interner);
	}
	a->d->n_heap = 0;	/* its chunks go, nothing is next */
	a->d->used_up = false;
	decoder_stats(a->d);
	for (i = 0; a->lanes && i < a->n_lanes; i++)
		for (k = 0; k < DEPTH_MAX; k++)
			free(a->lanes[i].ring[k]);
	free(a->lanes);
	free(a->empty);
	pthread_cond_destroy(&a->news);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
