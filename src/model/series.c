// SPDX-License-Identifier: GPL-2.0-or-later
#include "series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

/* One curve; what lies behind @at is not filled in yet. */
struct line {
	struct snap_point *points;	/* SERIES_BUCKETS, NULL: nothing ever came */
	uint64_t live;			/* now; points[at].last is what it was before */
	uint32_t at;
	bool changed;
};

/*
 * What an account held at its row's last peak, if it has changed since then:
 * only so @turn, a number of that peak, is the row's.
 */
struct at_peak {
	uint64_t live;
	uint64_t turn;
};

struct mark {
	uint64_t ns;
	uint32_t row;
	bool load;
};

struct series {
	uint64_t start, now;		/* ns */
	unsigned int shift;		/* a bucket is 1 << shift ns */
	struct line total;
	struct line *rows;
	size_t n_rows;
	uint64_t *turns;		/* of each row: how many peaks it had */
	size_t n_turns;
	struct at_peak *accounts;
	size_t n_accounts;
	uint32_t *changed;		/* rows that changed in this event */
	size_t n_changed, changed_room;
	uint64_t peak, peak_ns;
	uint64_t lost[SERIES_BUCKETS];	/* events */
	struct mark *marks;
	size_t n_marks, marks_room;
	uint64_t marks_left_out;
	bool no_memory;
};

struct series *series_new(uint64_t start)
{
	struct series *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->start = s->now = start;
	s->total.points = calloc(SERIES_BUCKETS, sizeof(*s->total.points));
	if (!s->total.points) {
		free(s);
		return NULL;
	}
	return s;
}

void series_free(struct series *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->n_rows; i++)
		free(s->rows[i].points);
	free(s->rows);
	free(s->total.points);
	free(s->turns);
	free(s->accounts);
	free(s->changed);
	free(s->marks);
	free(s);
}

static uint32_t bucket(const struct series *s)
{
	return (uint32_t)((s->now - s->start) >> s->shift);
}

static void join(struct snap_point *to, const struct snap_point *a,
		 const struct snap_point *b)
{
	struct snap_point sum = {
		.min = a->min < b->min ? a->min : b->min,
		.max = a->max > b->max ? a->max : b->max,
		.last = b->last,
	};

	*to = sum;
}

/* Half the buckets, twice as wide. */
static void halve_line(struct line *line)
{
	struct snap_point *p = line->points;
	uint32_t i;

	if (!p)
		return;
	for (i = 0; i <= line->at; i += 2)
		join(&p[i / 2], &p[i], &p[i < line->at ? i + 1 : i]);
	line->at /= 2;
}

static uint64_t add_lost(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void halve(struct series *s)
{
	size_t i;

	halve_line(&s->total);
	for (i = 0; i < s->n_rows; i++)
		halve_line(&s->rows[i]);
	for (i = 0; i < SERIES_BUCKETS; i += 2)
		s->lost[i / 2] = add_lost(s->lost[i], s->lost[i + 1]);
	memset(s->lost + SERIES_BUCKETS / 2, 0, sizeof(s->lost) / 2);
	s->shift++;
}

/* Fills the curve in up to the bucket @at. */
static void reach(struct line *line, uint32_t at)
{
	struct snap_point still = { 0 };

	still.min = still.max = still.last = line->points[line->at].last;
	while (line->at < at)
		line->points[++line->at] = still;
}

static void enter(struct line *line, uint32_t at)
{
	struct snap_point *p;

	reach(line, at);
	p = &line->points[at];
	if (line->live < p->min)
		p->min = line->live;
	if (line->live > p->max)
		p->max = line->live;
	p->last = line->live;
}

/* Enters what the event that is over has changed. */
static void enter_changed(struct series *s)
{
	uint32_t at = bucket(s);
	size_t i;

	if (!s->n_changed)
		return;
	for (i = 0; i < s->n_changed; i++) {
		enter(&s->rows[s->changed[i]], at);
		s->rows[s->changed[i]].changed = false;
	}
	s->n_changed = 0;
	enter(&s->total, at);
	if (s->total.live > s->peak) {
		s->peak = s->total.live;
		s->peak_ns = s->now;
	}
}

static void move_to(struct series *s, uint64_t ts)
{
	if (ts <= s->now)
		return;
	s->now = ts;
	while ((s->now - s->start) >> s->shift >= SERIES_BUCKETS)
		halve(s);
}

int series_event(struct series *s, uint64_t ts)
{
	enter_changed(s);
	move_to(s, ts);
	return s->no_memory ? -ENOMEM : 0;
}

/* Makes room for item @i of the array *@p of *@n, zeroed. 0 or -ENOMEM. */
static int grow(void *p, size_t *n, size_t i, size_t size)
{
	size_t more = *n ? *n : 16;
	char *grown;

	if (i < *n)
		return 0;
	while (more <= i)
		more *= 2;
	grown = realloc(*(char **)p, more * size);
	if (!grown)
		return -ENOMEM;
	memset(grown + *n * size, 0, (more - *n) * size);
	*(char **)p = grown;
	*n = more;
	return 0;
}

static struct line *line_of(struct series *s, uint32_t row)
{
	if (grow(&s->rows, &s->n_rows, row, sizeof(*s->rows)))
		return NULL;
	if (!s->rows[row].points)
		s->rows[row].points = calloc(SERIES_BUCKETS, sizeof(*s->total.points));
	return s->rows[row].points ? &s->rows[row] : NULL;
}

void series_row(struct series *s, uint32_t row, uint64_t live)
{
	struct line *line = line_of(s, row);

	if (!line || grow(&s->changed, &s->changed_room, s->n_changed,
			  sizeof(*s->changed))) {
		s->no_memory = true;
		return;
	}
	if (!line->changed)
		s->changed[s->n_changed++] = row;
	line->changed = true;
	s->total.live += live - line->live;
	line->live = live;
}

static uint64_t turn_of(const struct series *s, uint32_t row)
{
	return row < s->n_turns ? s->turns[row] : 0;
}

void series_account(struct series *s, uint32_t id, uint32_t row, uint64_t live)
{
	uint64_t turn = turn_of(s, row);
	struct at_peak *ap;

	if (grow(&s->accounts, &s->n_accounts, id, sizeof(*s->accounts))) {
		s->no_memory = true;
		return;
	}
	ap = &s->accounts[id];
	if (ap->turn != turn)
		*ap = (struct at_peak){ .live = live, .turn = turn };
}

void series_peak(struct series *s, uint32_t row)
{
	if (grow(&s->turns, &s->n_turns, row, sizeof(*s->turns)))
		s->no_memory = true;
	else
		s->turns[row]++;
}

uint64_t series_at_peak(const struct series *s, uint32_t id, uint32_t row,
			uint64_t live)
{
	if (id >= s->n_accounts || s->accounts[id].turn != turn_of(s, row))
		return live;
	return s->accounts[id].live;
}

int series_renumber(struct series *s, const uint32_t *map, size_t n)
{
	struct at_peak *accounts;
	size_t n_accounts = 0;

	for (size_t i = 0; i < s->n_accounts && i < n; i++)
		if (map[i] >= n_accounts)
			n_accounts = (size_t)map[i] + 1;
	accounts = calloc(n_accounts + 1, sizeof(*accounts));
	if (!accounts)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_accounts && i < n; i++) {
		const struct at_peak *from = &s->accounts[i];
		struct at_peak *to = &accounts[map[i]];

		/* of an earlier peak: it has not changed since, and holds nothing */
		if (from->turn > to->turn)
			*to = *from;
		else if (from->turn == to->turn)
			to->live += from->live;
	}
	free(s->accounts);
	s->accounts = accounts;
	s->n_accounts = n_accounts;
	return 0;
}

void series_mark(struct series *s, uint32_t row, bool load)
{
	if (s->n_marks == SERIES_MARKS) {
		s->marks_left_out++;
		return;
	}
	if (grow(&s->marks, &s->marks_room, s->n_marks, sizeof(*s->marks))) {
		s->no_memory = true;
		return;
	}
	s->marks[s->n_marks++] = (struct mark){ .ns = s->now, .row = row, .load = load };
}

void series_lost(struct series *s, uint64_t n)
{
	uint64_t *lost = &s->lost[bucket(s)];

	*lost = add_lost(*lost, n);
}

static void *copy(struct arena *a, const void *from, size_t n, size_t size)
{
	void *to = arena_zalloc(a, n, size);

	return to ? memcpy(to, from, n * size) : NULL;
}

static int copy_marks(const struct series *s, struct snap_series *ss,
		      struct arena *a, const uint32_t *module, size_t n_rows)
{
	struct snap_mark *marks = arena_zalloc(a, s->n_marks, sizeof(*marks));
	size_t i;

	if (!marks)
		return -ENOMEM;
	ss->marks = marks;
	ss->marks_left_out = s->marks_left_out;
	for (i = 0; i < s->n_marks; i++) {
		const struct mark *m = &s->marks[i];

		if (m->row >= n_rows || module[m->row] == UINT32_MAX)
			continue;
		marks[ss->n_marks++] = (struct snap_mark){
			.ns = m->ns, .module = module[m->row], .load = m->load,
		};
	}
	return 0;
}

struct snap_series *series_snapshot(struct series *s, uint64_t end,
				    struct arena *a, const uint32_t *module,
				    size_t n_rows, size_t n_modules)
{
	struct snap_series *ss = arena_zalloc(a, 1, sizeof(*ss));
	const struct snap_point **lines;
	size_t i;

	if (!ss || series_event(s, end))
		return NULL;
	ss->start_ns = s->start;
	ss->bucket_ns = 1ULL << s->shift;
	ss->n_buckets = bucket(s) + 1u;
	ss->peak_bytes = s->peak;
	ss->peak_ns = s->peak ? (int64_t)s->peak_ns : -1;
	reach(&s->total, bucket(s));
	ss->total = copy(a, s->total.points, ss->n_buckets, sizeof(*ss->total));
	ss->lost = copy(a, s->lost, ss->n_buckets, sizeof(*ss->lost));
	ss->modules = lines = arena_zalloc(a, n_modules, sizeof(*lines));
	if (!ss->total || !ss->lost || !lines || copy_marks(s, ss, a, module, n_rows))
		return NULL;
	for (i = 0; i < s->n_rows && i < n_rows; i++) {
		if (!s->rows[i].points || module[i] == UINT32_MAX)
			continue;
		reach(&s->rows[i], bucket(s));
		lines[module[i]] = copy(a, s->rows[i].points, ss->n_buckets,
					sizeof(**lines));
		if (!lines[module[i]])
			return NULL;
	}
	return ss;
}
