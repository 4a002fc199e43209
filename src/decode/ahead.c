// SPDX-License-Identifier: GPL-2.0-or-later
#include "ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "internal.h"
#include "interner.h"
#include "processors.h"

/* More threads would wait for who keeps the books. */
#define WORKERS_MAX	8u

/* Chunks of one stream that wait to be taken, at most and at least ... */
#define DEPTH_MAX	16u
#define DEPTH_MIN	2u

/* ... and bytes of all streams'. */
#define WAITING_MAX	((size_t)8 << 20)

/* Batches of merged events that wait: what is in them stays in a cache. */
#define BATCHES		4u

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
	struct chunk *empty;	/* of a stream at its end */

	struct lane *lanes;
	size_t n_lanes, depth, room;
	struct worker workers[WORKERS_MAX];
	unsigned int n_workers;

	pthread_mutex_t lock;	/* of all below, and of what is in lanes */
	pthread_cond_t work;	/* a worker may find something to do */
	pthread_cond_t news;	/* a chunk was filled, or a batch */
	size_t waiting;		/* chunks, of all lanes */
	unsigned int idle;	/* workers that wait for work, */
	unsigned int waiters;	/* ... and all who wait for news */
	struct ahead_events *ring[BATCHES];
	size_t merged, taken;	/* batches so far; the one in use is not taken yet */
	struct interner *merging;	/* of who merges the next batch, NULL: nobody */
	bool in_use;
	bool ended;		/* there is no next batch */
	bool stop;
};

static void wait_for_news(struct ahead *a)
{
	a->waiters++;
	pthread_cond_wait(&a->news, &a->lock);
	a->waiters--;
}

static void tell_news(struct ahead *a)
{
	if (a->waiters)
		pthread_cond_broadcast(&a->news);
}

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
	tell_news(a);
}

/*
 * What decoder_merge() asks for. Who merges helps to decode events that are not
 * there yet, so that no processor waits for another.
 */
static struct chunk *next_chunk(void *arg, size_t i)
{
	struct ahead *a = arg;
	struct lane *l = &a->lanes[i], *other;
	struct chunk *c = NULL;

	pthread_mutex_lock(&a->lock);
	l->reading = false;
	while (l->filled == l->taken && !l->done) {
		other = l->busy ? find_work(a) : l;
		if (other)
			decode(a, other, a->merging);
		else
			wait_for_news(a);
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

/* ---- merging ------------------------------------------------------------ */

/*
 * The first event behind the limit ends it. It has been taken, in a way: its
 * stream is known whole up to the event behind it, as it is of all others.
 */
static void look_behind(struct ahead *a)
{
	chunk_fill(a->empty, &a->d->streams[a->d->heap[0].stream], a->merging, 0);
	a->empty->n = 0;
}

static void fill_batch(struct ahead *a, struct ahead_events *b)
{
	int got = decoder_merge(a->d, b->events, AHEAD_EVENTS);

	b->n = got > 0 ? (size_t)got : 0;
	b->error = got < 0 ? got : 0;
	b->late = !got && a->d->n_heap;
	if (b->late)
		look_behind(a);
}

static bool can_merge(const struct ahead *a)
{
	return !a->merging && !a->ended && a->merged - a->taken < BATCHES;
}

/* Makes the next batch. Called, and returns, with the lock held. */
static void merge(struct ahead *a, struct interner *in)
{
	struct ahead_events *b = a->ring[a->merged % BATCHES];

	a->merging = in;
	pthread_mutex_unlock(&a->lock);
	fill_batch(a, b);
	pthread_mutex_lock(&a->lock);
	a->merging = NULL;
	a->merged++;
	a->ended = !b->n;
	tell_news(a);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct ahead *a = w->a;

	pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		struct lane *l;

		if (can_merge(a)) {
			merge(a, w->interner);
		} else if ((l = find_work(a))) {
			decode(a, l, w->interner);
		} else {
			a->idle++;
			pthread_cond_wait(&a->work, &a->lock);
			a->idle--;
		}
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* ---- taking ------------------------------------------------------------- */

static struct ahead_events *take(struct ahead *a)
{
	struct interner *in = a->d->interner;
	struct ahead_events *b;
	struct lane *l;

	pthread_mutex_lock(&a->lock);
	a->taken += a->in_use;
	while (a->merged == a->taken) {
		if (can_merge(a))
			merge(a, in);
		else if ((l = find_work(a)))
			decode(a, l, in);
		else
			wait_for_news(a);
	}
	b = a->ring[a->taken % BATCHES];
	/* the last one is given again and again */
	a->in_use = b->n;
	if (a->idle && !a->ended && (a->merged - a->taken) * 2 <= BATCHES)
		pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	return b;
}

const struct ahead_events *ahead_next(struct ahead *a)
{
	struct ahead_events *b = take(a);
	size_t i;
	int ret;

	for (i = 0; i < b->n; i++) {
		ret = decoder_translate(a->d, &b->events[i]);
		if (ret) {
			b->error = ret;
			b->n = 0;
		}
	}
	return b;
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
		w->interner = decoder_interner(a->d);
		if (!w->interner || pthread_create(&w->thread, NULL, work, w))
			break;
		a->n_workers++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

struct ahead *ahead_new(struct decoder *d, uint64_t limit, unsigned int threads)
{
	struct ahead *a = calloc(1, sizeof(*a));
	size_t i;

	if (!a)
		return NULL;
	a->d = d;
	a->limit = limit;
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
	for (i = 0; i < BATCHES; i++)
		if (!(a->ring[i] = malloc(sizeof(*a->ring[i]))))
			break;
	if (i < BATCHES || !a->lanes || !a->empty || decoder_begin(d)) {
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
	for (w = 0; w < a->n_workers; w++)
		pthread_join(a->workers[w].thread, NULL);
	a->d->n_heap = 0;	/* its chunks go, nothing is next */
	decoder_stats(a->d);
	for (i = 0; a->lanes && i < a->n_lanes; i++)
		for (k = 0; k < DEPTH_MAX; k++)
			free(a->lanes[i].ring[k]);
	for (i = 0; i < BATCHES; i++)
		free(a->ring[i]);
	free(a->lanes);
	free(a->empty);
	pthread_cond_destroy(&a->news);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
