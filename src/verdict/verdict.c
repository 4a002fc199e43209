// SPDX-License-Identifier: GPL-2.0-or-later
#include "verdict.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "error.h"
#include "limit.h"

/* The metric by which places of a module explain its @metric. */
static enum metric site_metric(enum metric metric)
{
	return METRICS_OF_PARTS & METRIC_BIT(metric) ? metric : METRIC_LIVE;
}

static bool has_causes(enum metric metric)
{
	return metric != METRIC_OVERHEAD;
}

/* Of places that are suppressed, what they add to the number that is judged. */
static uint64_t part_of(const struct compare_row *site, const struct limit *limit)
{
	enum metric m = site_metric(limit->metric);

	if (!limit->grows)
		return site->whole[m].mid;
	return site->new[m].mid > site->base[m].max ?
	       site->new[m].mid - site->base[m].max : 0;
}

/* The rows of the module that @i belongs to: it, and its places behind it. */
static size_t module_end(const struct comparison *c, size_t i)
{
	const char *name = c->row[i].row->module;

	while (i < c->n && !strcmp(c->row[i].row->module, name))
		i++;
	return i;
}

static struct suppress_what what_of(const struct compare_row *row)
{
	const struct side_row *r = row->row;

	return (struct suppress_what){
		.module = r->module,
		.function = r->function,
		.site = r->site,
		.kind = r->site ? (int)r->kind : -1,
		.via = r->via,
	};
}

/* Can places be told from the rest in this number? Only live ones can. */
static bool divisible(const struct limit *limit, const struct compare_row *row)
{
	if (METRICS_OF_PARTS & METRIC_BIT(limit->metric))
		return true;
	/* all that an unloaded module still holds is what it left */
	return limit->metric == METRIC_LEAKED && row->row->state == MODULE_UNLOADED;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/*
 * What suppressions take off the number; check->why is the first of them. What is
 * uncertain in that part is taken off @uncertain: it is not in the rest.
 */
static void suppress(struct check *check, const struct comparison *c, size_t at,
		     struct suppressions *s, uint64_t *uncertain)
{
	struct suppress_what what = what_of(check->row);
	enum metric m = site_metric(check->limit->metric);

	check->why = suppress_find(s, &what);
	if (check->why) {
		check->suppressed = check->new;
		return;
	}
	if (check->row->row->site || !divisible(check->limit, check->row))
		return;
	for (size_t i = at + 1, end = module_end(c, at); i < end; i++) {
		struct suppression *why;
		uint64_t part;

		if (!(c->row[i].row->known & METRIC_BIT(m)))
			continue;
		part = part_of(&c->row[i], check->limit);
		if (!part)
			continue;
		what = what_of(&c->row[i]);
		why = suppress_find(s, &what);
		if (!why)
			continue;
		if (!check->why)
			check->why = why;
		if (__builtin_add_overflow(check->suppressed, part, &check->suppressed))
			check->suppressed = UINT64_MAX;
		/* of several runs the most of each is known, which may be of two */
		if (c->new_runs == 1)
			*uncertain = less(*uncertain, part < c->row[i].new_uncertain ?
					  part : c->row[i].new_uncertain);
	}
}

static void judge(struct check *check, const struct comparison *c, size_t at,
		  struct suppressions *s)
{
	enum metric m = check->limit->metric;
	uint64_t uncertain = check->row->new_uncertain;

	if (check->new <= check->allowed)
		return;
	suppress(check, c, at, s, &uncertain);
	if (less(check->new, check->suppressed) <= check->allowed) {
		check->state = CHECK_SUPPRESSED;
		return;
	}
	if (m == METRIC_LIVE || m == METRIC_PEAK || m == METRIC_LEAKED)
		check->uncertain = uncertain;
	check->state = less(less(check->new, check->suppressed), check->uncertain) >
		       check->allowed ? CHECK_OVER : CHECK_UNSURE;
}

/* By how much a place explains what is over: its growth, or for want of a base all. */
static int64_t weight(const struct check *check, const struct compare_row *site)
{
	enum metric m = site_metric(check->limit->metric);

	if (check->limit->grows)
		return compare_change(site, m);
	return site->whole[m].max > INT64_MAX ? INT64_MAX : (int64_t)site->whole[m].max;
}

static void add_cause(struct check *check, const struct compare_row *site)
{
	size_t i = check->n_causes < CHECK_CAUSES ? check->n_causes : CHECK_CAUSES;

	check->n_causes++;
	for (; i > 0 && weight(check, check->cause[i - 1]) < weight(check, site); i--)
		if (i < CHECK_CAUSES)
			check->cause[i] = check->cause[i - 1];
	if (i < CHECK_CAUSES)
		check->cause[i] = site;
}

static void find_causes(struct check *check, const struct comparison *c, size_t at)
{
	enum metric m = site_metric(check->limit->metric);

	if (check->row->row->site || !has_causes(check->limit->metric))
		return;
	for (size_t i = at + 1, end = module_end(c, at); i < end; i++)
		if (c->row[i].row->known & METRIC_BIT(m) && weight(check, &c->row[i]) > 0)
			add_cause(check, &c->row[i]);
}

static int add_check(struct verdict *v, size_t *room, const struct limit *limit,
		     const struct comparison *c, size_t at, struct suppressions *s)
{
	const struct compare_row *row = &c->row[at];
	enum metric m = limit->metric;
	struct check *check;

	if (v->n == *room) {
		*room = *room ? *room * 2 : 64;
		check = realloc(v->check, *room * sizeof(*check));
		if (!check)
			return -ENOMEM;
		v->check = check;
	}
	check = &v->check[v->n++];
	*check = (struct check){ .limit = limit, .row = row };
	check->base = row->base[m].max;
	check->new = limit->grows ? row->new[m].mid : row->whole[m].max;
	check->allowed = limit_allows(limit, check->base);
	judge(check, c, at, s);
	if (check->state != CHECK_FINE)
		find_causes(check, c, at);
	v->n_decided += check->state != CHECK_FINE || check->base || check->new;
	v->n_over += check->state == CHECK_OVER;
	v->n_unsure += check->state == CHECK_UNSURE;
	v->n_suppressed += check->state == CHECK_SUPPRESSED;
	return 0;
}

/* Is there anything on the new side that the rule can be about here? */
static bool judgeable(const struct compare_row *row, const struct limit *limit)
{
	enum metric m = limit->metric;

	/* a place that is gone holds nothing; a module that is gone was not there to be seen */
	return row->module->new_runs &&
	       (limit->grows ? row->new[m].runs : row->whole[m].runs);
}

/* How closely the closest rule of this metric is about the row. */
static unsigned int closest(const struct limits *limits, const struct side_row *row,
			    enum metric m)
{
	unsigned int most = 0;

	for (size_t i = 0; i < limits->n; i++) {
		unsigned int close = limits->rule[i].metric != m ? 0 :
				     limit_fits(&limits->rule[i], row);

		if (close > most)
			most = close;
	}
	return most;
}

static int check_row(struct verdict *v, size_t *room, const struct comparison *c,
		     size_t at, struct limits *limits)
{
	const struct compare_row *row = &c->row[at];
	unsigned int most[METRIC_MAX] = { 0 };
	int ret = 0;

	for (size_t i = 0; i < limits->n && !ret; i++) {
		struct limit *limit = &limits->rule[i];
		unsigned int close = limit_fits(limit, row->row);

		if (!close || !judgeable(row, limit))
			continue;
		limit->fits++;
		if (!most[limit->metric])
			most[limit->metric] = closest(limits, row->row, limit->metric);
		if (close == most[limit->metric])
			ret = add_check(v, room, limit, c, at, &limits->suppressions);
	}
	return ret;
}

static int worst_first(const void *x, const void *y)
{
	const struct check *a = x, *b = y;

	if (a->state != b->state)
		return (int)b->state - (int)a->state;
	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return (a->limit > b->limit) - (a->limit < b->limit);
}

/* Is it about rows that are there, but that one side is blind to? */
static bool is_undecided(const struct limit *limit, const struct comparison *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->row[i].hidden & METRIC_BIT(limit->metric) &&
		    limit_fits(limit, c->row[i].row))
			return true;
	return false;
}

/* A rule that is about nothing must not let everything pass. */
static int check_misses(struct verdict *v, const struct limits *limits,
			const struct comparison *c, struct error *err)
{
	for (size_t i = 0; i < limits->n; i++) {
		const struct limit *limit = &limits->rule[i];
		const char *where = limit->where ? limit->where : "";
		bool seen = false, unloaded = false;

		if (limit->fits)
			continue;
		if (is_undecided(limit, c)) {
			v->undecided = limit;
			continue;
		}
		if (limit->may_miss)
			continue;
		for (size_t j = 0; j < c->n; j++) {
			if (!c->row[j].new_runs || !limit_fits(limit, c->row[j].row))
				continue;
			seen = true;
			unloaded |= c->row[j].row->state == MODULE_UNLOADED;
		}
		if (seen && unloaded && limit->metric == METRIC_LEAKED)
			return error_set(err, -ENOENT,
					 "%.200s%slimit '%.100s' is about nothing: such a module was unloaded in the new recording, but nothing says where it had been, so that what it left is in [unknown]",
					 where, *where ? ": " : "", limit->text);
		if (seen && limit->metric == METRIC_LEAKED)
			return error_set(err, -ENOENT,
					 "%.200s%slimit '%.100s' is about nothing: no such module was unloaded in the new recording, so that nothing is known of what it would leave",
					 where, *where ? ": " : "", limit->text);
		return error_set(err, -ENOENT,
				 "%.200s%slimit '%.100s' is about nothing: no such %s in the new recording; 'modmem report --all' lists what is",
				 where, *where ? ": " : "", limit->text,
				 limit->function ? "place" : "module");
	}
	return 0;
}

int verdict_reach(struct verdict *v, const struct comparison *c,
		  struct limits *limits, struct error *err)
{
	size_t room = 0;

	*v = (struct verdict){ 0 };
	for (size_t i = 0; i < limits->n; i++)
		limits->rule[i].fits = 0;
	for (size_t i = 0; i < c->n; i++)
		if (check_row(v, &room, c, i, limits))
			return error_set(err, -ENOMEM, "out of memory");
	if (v->n)
		qsort(v->check, v->n, sizeof(*v->check), worst_first);
	return check_misses(v, limits, c, err);
}

void verdict_free(struct verdict *v)
{
	free(v->check);
	*v = (struct verdict){ 0 };
}
