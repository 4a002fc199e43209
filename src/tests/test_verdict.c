// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_verdict.c - rows of two sides beside each other, and held against limits
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bound.h"
#include "compare.h"
#include "error.h"
#include "limit.h"
#include "replay.h"
#include "side_fixture.h"
#include "sides.h"
#include "suppress.h"
#include "verdict.h"

static struct runs base, new;
static struct comparison comparison;
static struct limits limits;
static struct verdict verdict;
static struct error err;

static void clear(void)
{
	verdict_free(&verdict);
	compare_free(&comparison);
	limits_free(&limits);
	runs_free(&base);
	runs_free(&new);
}

static int forget(void **state)
{
	(void)state;
	clear();
	return 0;
}

static void limit(const char *text)
{
	if (limits_add(&limits, text, NULL, &err))
		fail_msg("%s", err.text);
}

static void suppress(const char *line)
{
	char text[256];

	snprintf(text, sizeof(text), "%s", line);
	if (suppress_add(&limits.suppressions, text, "rules:1", "2026-01-01", &err))
		fail_msg("%s", err.text);
}

/* Compares @b and @n by the limits that were given before. */
static int judge_runs(size_t n_base, const char *const *b, size_t n_new,
		      const char *const *n)
{
	base = runs_fixture(n_base, b);
	new = runs_fixture(n_new, n);
	assert_int_equal(compare_sides(&comparison, &base, &new), 0);
	err.text[0] = '\0';
	return verdict_reach(&verdict, &comparison, &limits, &err);
}

static int judge(const char *b, const char *n)
{
	return judge_runs(1, &b, 1, &n);
}

/* Compares a base that is blind to the path called @name with a side that sees it. */
static int judge_blind(const char *name, const char *b, const char *n)
{
	base = runs_fixture(1, &b);
	new = runs_fixture(1, &n);
	sight_learn(base.run[0], NULL, 0, &name, 1);
	sight_learn(new.run[0], &name, 1, NULL, 0);
	assert_int_equal(compare_sides(&comparison, &base, &new), 0);
	err.text[0] = '\0';
	return verdict_reach(&verdict, &comparison, &limits, &err);
}

static const struct compare_row *row(const char *module, const char *function)
{
	for (size_t i = 0; i < comparison.n; i++) {
		const struct side_row *r = comparison.row[i].row;

		if (!strcmp(r->module, module) && r->site == (function != NULL) &&
		    (!function || (r->function && !strcmp(r->function, function))))
			return &comparison.row[i];
	}
	fail_msg("no row %s %s", module, function ? function : "");
	return NULL;
}

/* The state that a single limit came to on one row. */
static enum check_state outcome(const char *text, const char *b, const char *n)
{
	enum check_state worst = CHECK_FINE;

	clear();
	limit(text);
	if (judge(b, n))
		fail_msg("%s: %s", text, err.text);
	for (size_t i = 0; i < verdict.n; i++)
		if (verdict.check[i].state > worst)
			worst = verdict.check[i].state;
	return worst;
}

static void rows_that_are_the_same(void **state)
{
	(void)state;
	/* other suffixes, several offsets of one function */
	judge("a live=30\na:probe.isra.0 live=10\na:probe live=20\na:- live=5",
	      "a live=44\na:probe.part.3.cold live=44\na:- live=7");
	assert_int_equal(comparison.n, 3);
	assert_int_equal(row("a", "probe")->base[METRIC_LIVE].max, 30);
	assert_int_equal(row("a", "probe")->new[METRIC_LIVE].max, 44);
	assert_int_equal(compare_change(row("a", "probe"), METRIC_LIVE), 14);
	assert_int_equal(compare_change(row("a", NULL), METRIC_LIVE), 14);
	assert_false(compare_known(row("a", "probe"), METRIC_OVERHEAD));
	assert_int_equal(compare_change(row("a", "probe"), METRIC_OVERHEAD), 0);
}

/* KIND_VMALLOC is 2 */
#define NEWLY_SEEN_BASE "a live=100 peak=100\na:init live=100"
#define NEWLY_SEEN "a live=35100 peak=35100 allocs=2\na:init live=100 allocs=1\n" \
		   "a:probe kind=2 live=35000 allocs=1"

static void newly_seen_is_no_growth(void **state)
{
	(void)state;
	limit("live>+0");
	judge(NEWLY_SEEN_BASE, NEWLY_SEEN);
	assert_int_equal(verdict.n_over, 1);

	clear();
	limit("live>+0");
	assert_int_equal(judge_blind("vmalloc", NEWLY_SEEN_BASE, NEWLY_SEEN), 0);
	assert_int_equal(verdict.n_over, 0);
	assert_int_equal(verdict.n_decided, 1);
	assert_int_equal(row("a", NULL)->new[METRIC_LIVE].max, 100);
	assert_int_equal(row("a", NULL)->new[METRIC_ALLOCS].max, 1);
	assert_false(compare_known(row("a", "probe"), METRIC_LIVE));
	/* it was measured at one moment, of which nobody knows what was vmalloc's */
	assert_false(compare_known(row("a", NULL), METRIC_PEAK));
	assert_true(compare_known(row("a", "init"), METRIC_LIVE));
	for (unsigned int p = 0; p < SIGHT_PATHS; p++) {
		bool it = !strcmp(sight_name(p), "vmalloc");

		assert_int_equal(comparison.unseen[p].places, it);
		assert_int_equal(comparison.unseen[p].bytes, it ? 35000 : 0);
	}
	/* of a module that went, what it left is the sum of its places */
	clear();
	limit("leaked>+0");
	judge_blind("vmalloc", "a! live=100 leaked=100\na!:init live=100",
		    "a! live=35100 leaked=35100\na!:init live=100\na!:probe kind=2 live=35000");
	assert_int_equal(row("a", NULL)->new[METRIC_LEAKED].max, 100);
	assert_int_equal(verdict.n_over, 0);
	assert_int_equal(verdict.n_decided, 1);
	/* growth of what both see is one all the same */
	clear();
	limit("live>+0");
	judge_blind("vmalloc", NEWLY_SEEN_BASE,
		    "a live=35101\na:init live=101\na:probe kind=2 live=35000");
	assert_int_equal(verdict.n_over, 1);
	assert_int_equal(verdict.check[0].new, 101);
}

static void without_a_base_all_counts(void **state)
{
	(void)state;
	limit("a.live>30000");
	assert_int_equal(judge_blind("vmalloc", NEWLY_SEEN_BASE, NEWLY_SEEN), 0);
	assert_int_equal(verdict.n_over, 1);
	assert_int_equal(verdict.check[0].new, 35100);
	/* and the places that hold most are named, grown or not */
	assert_int_equal(verdict.check[0].n_causes, 2);
	assert_string_equal(verdict.check[0].cause[0]->row->function, "probe");
	assert_string_equal(verdict.check[0].cause[1]->row->function, "init");
	clear();
	limit("a.live>30000");
	judge(NEWLY_SEEN, NEWLY_SEEN);
	assert_int_equal(verdict.check[0].n_causes, 2);
}

static void what_is_left_may_decide_nothing(void **state)
{
	(void)state;
	limit("live>+0");
	judge_blind("vmalloc", "a", "a live=35000\na:probe kind=2 live=35000");
	assert_int_equal(verdict.n_over, 0);
	assert_int_equal(verdict.n_decided, 0);
	/* a rule that is about such a place only is no mistake of who wrote it */
	clear();
	limit("a:probe.live>+0");
	assert_int_equal(judge_blind("vmalloc", NEWLY_SEEN_BASE, NEWLY_SEEN), 0);
	assert_ptr_equal(verdict.undecided, &limits.rule[0]);
	clear();
	limit("a:nobody.live>+0");
	assert_int_equal(judge_blind("vmalloc", NEWLY_SEEN_BASE, NEWLY_SEEN), -ENOENT);
}

/* Frees that one side misses are about those rows only that may have had some. */
static void unseen_frees_are_of_some_rows(void **state)
{
	char rows[128];

	(void)state;
	snprintf(rows, sizeof(rows), "a live=90\na:init live=50\na:open live=40 allocs=4 why=%u",
		 BOUND_BIT(CAUSE_KFREE_RCU));
	limit("live>+0");
	assert_int_equal(judge_blind("kfree_rcu, kvfree_rcu", rows,
				     "a live=60\na:init live=50\na:open live=10 allocs=7"), 0);
	assert_true(compare_known(row("a", "init"), METRIC_LIVE));
	assert_false(compare_known(row("a", "open"), METRIC_LIVE));
	/* how often it was called is known without frees */
	assert_int_equal(compare_change(row("a", "open"), METRIC_ALLOCS), 3);
	assert_int_equal(row("a", NULL)->base[METRIC_LIVE].max, 50);
	assert_int_equal(row("a", NULL)->new[METRIC_LIVE].max, 50);
}

/* Where one side knows a size to a limit only, the rest of it is no growth. */
static void sizes_to_a_limit_are_no_growth(void **state)
{
	char rows[128];

	(void)state;
	snprintf(rows, sizeof(rows), "a live=90\na:init live=50\na:area live=40 kind=2 why=%u",
		 BOUND_BIT(CAUSE_VMALLOC_LARGE));
	limit("live>+0");
	assert_int_equal(judge("a live=85\na:init live=50\na:area live=35 kind=2", rows), 0);
	assert_int_equal(verdict.n_over, 0);
	assert_int_equal(row("a", NULL)->new[METRIC_LIVE].max, 50);
	/* of both alike: as good as it can be had */
	clear();
	limit("live>+0");
	assert_int_equal(judge(rows, rows), 0);
	assert_int_equal(row("a", NULL)->new[METRIC_LIVE].max, 90);
}

/* The names are those that coverage uses, alone or with what it says of them. */
static void sight_is_learned_from_coverage(void **state)
{
	static const char *const covered[] = { "slab allocations", "vmalloc" };
	static const char *const blind[] = { "vmalloc: no event", "page frees: kmem:x not recorded",
					     "vmallocate: what is that" };
	struct side *side = side_fixture("x", "");

	(void)state;
	sight_learn(side, covered, 2, blind, 3);
	for (unsigned int p = 0; p < SIGHT_PATHS; p++) {
		const char *name = sight_name(p);
		bool sees = !strcmp(name, "slab allocations") || !strcmp(name, "vmalloc");

		assert_int_equal(side->sees >> p & 1, sees);
		assert_int_equal(side->blind >> p & 1, !strcmp(name, "page frees"));
	}
	side_free(side);
}

/* A plain recording sees all events and none of what takes probes: it names each path. */
static void coverage_names_each_path(void **state)
{
	struct replay_opts opts = { .path = "testdata/x86_64-6.1-held/trace.dat",
				    .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME };
	struct snapshot *snap = replay(&opts, &err);
	struct side *side = snap ? side_of_snapshot(snap, "held", &err) : NULL;

	(void)state;
	if (!side)
		fail_msg("%s", err.text);
	assert_int_equal(side->sees | side->blind, (1u << SIGHT_PATHS) - 1);
	assert_int_equal(side->sees & side->blind, 0);
	side_free(side);
	snapshot_free(snap);
}

static void new_and_vanished(void **state)
{
	(void)state;
	judge("a live=30\na:old live=30", "b live=20\nb:new live=20 allocs=3");
	assert_int_equal(comparison.n, 4);
	assert_int_equal(row("a", "old")->new_runs, 0);
	assert_int_equal(compare_change(row("a", "old"), METRIC_LIVE), -30);
	assert_int_equal(row("b", "new")->base_runs, 0);
	assert_int_equal(compare_change(row("b", "new"), METRIC_ALLOCS), 3);
	assert_true(compare_known(row("b", "new"), METRIC_LIVE));
	assert_false(compare_known(row("b", "new"), METRIC_OVERHEAD));
	/* leaked of a module that stayed loaded is not known, here or there */
	assert_false(compare_known(row("b", NULL), METRIC_LEAKED));
}

static void spread_of_runs(void **state)
{
	static const char *const b[] = { "a live=100", "a live=130", "a live=110" };
	static const char *const n[] = { "a live=90", "a live=131", "a live=200" };

	(void)state;
	judge_runs(3, b, 3, n);
	assert_int_equal(row("a", NULL)->base[METRIC_LIVE].min, 100);
	assert_int_equal(row("a", NULL)->base[METRIC_LIVE].mid, 110);
	assert_int_equal(row("a", NULL)->base[METRIC_LIVE].max, 130);
	assert_int_equal(row("a", NULL)->new[METRIC_LIVE].mid, 131);
	assert_int_equal(compare_change(row("a", NULL), METRIC_LIVE), 1);
	clear();
	/* within what the base was anyway */
	judge_runs(3, b, 1, n + 1);
	assert_int_equal(compare_change(row("a", NULL), METRIC_LIVE), 1);
	clear();
	judge_runs(3, b, 1, n);
	assert_int_equal(compare_change(row("a", NULL), METRIC_LIVE), -10);
	clear();
	judge_runs(3, b, 1, b + 2);
	assert_int_equal(compare_change(row("a", NULL), METRIC_LIVE), 0);
}

static void runs_without_the_row(void **state)
{
	static const char *const b[] = { "a live=1\na:f live=1", "a live=0" };
	static const char *const n[] = { "a live=2\na:f live=2" };

	(void)state;
	judge_runs(2, b, 1, n);
	assert_int_equal(row("a", "f")->base[METRIC_LIVE].min, 0);
	assert_int_equal(row("a", "f")->base[METRIC_LIVE].max, 1);
	assert_int_equal(row("a", "f")->base_runs, 1);
	assert_int_equal(compare_change(row("a", "f"), METRIC_LIVE), 1);
}

static void runs_without_the_module(void **state)
{
	static const char *const b[] = { "a live=5\na:f live=5" };
	static const char *const n[] = { "x live=1", "a live=9\na:f live=9", "x live=1" };

	(void)state;
	/* where it was not loaded it did not hold nothing: nobody looked */
	limit("a.live>+0");
	limit("a:f.live>+0");
	assert_int_equal(judge_runs(1, b, 3, n), 0);
	assert_int_equal(row("a", NULL)->new[METRIC_LIVE].mid, 9);
	assert_int_equal(row("a", "f")->new[METRIC_LIVE].mid, 9);
	assert_int_equal(row("a", "f")->new[METRIC_LIVE].runs, 1);
	assert_int_equal(verdict.n_over, 2);
}

static void broken_and_kept(void **state)
{
	(void)state;
	assert_int_equal(outcome("live>+0", "a live=100", "a live=100"), CHECK_FINE);
	assert_int_equal(outcome("live>+0", "a live=100", "a live=99"), CHECK_FINE);
	assert_int_equal(outcome("live>+0", "a live=100", "a live=101"), CHECK_OVER);
	assert_int_equal(outcome("live>+5%", "a live=100", "a live=105"), CHECK_FINE);
	assert_int_equal(outcome("live>+5%", "a live=100", "a live=106"), CHECK_OVER);
	assert_int_equal(outcome("live>+5%&+10", "a live=100", "a live=110"), CHECK_FINE);
	assert_int_equal(outcome("live>+5%&+10", "a live=100", "a live=111"), CHECK_OVER);
	assert_int_equal(outcome("live>105", "a live=200", "a live=105"), CHECK_FINE);
	assert_int_equal(outcome("live>105", "a live=200", "a live=106"), CHECK_OVER);
	assert_int_equal(outcome("a:f.allocs>+2", "a\na:f allocs=1", "a\na:f allocs=3"), CHECK_FINE);
	assert_int_equal(outcome("a:f.allocs>+2", "a\na:f allocs=1", "a\na:f allocs=4"), CHECK_OVER);
	/* from nothing, any percentage is exceeded; and a new module is one that grew */
	assert_int_equal(outcome("live>+50%", "b live=1", "b live=1\na live=1"), CHECK_OVER);
	assert_int_equal(outcome("a:f.live>+50%", "a live=0", "a live=1\na:f live=1"), CHECK_OVER);
	/* a place that is gone holds nothing */
	assert_int_equal(outcome("a:f.live>+0", "a live=1\na:f live=1", "a live=0"), CHECK_FINE);
	assert_int_equal(outcome("leaked>0", "a", "a! leaked=0"), CHECK_FINE);
	assert_int_equal(outcome("leaked>0", "a", "a! leaked=1"), CHECK_OVER);
	assert_int_equal(outcome("leaked>+0", "a", "a! leaked=1"), CHECK_OVER);
	assert_int_equal(outcome("leaked>+0", "a! leaked=1", "a! leaked=1"), CHECK_FINE);
	/* the kernel is meant only where it is named */
	assert_int_equal(outcome("live>+0", "a live=1\n[kernel] live=1",
				 "a live=1\n[kernel] live=2"), CHECK_FINE);
	assert_int_equal(outcome("[kernel].live>+0", "a live=1\n[kernel] live=1",
				 "a live=1\n[kernel] live=2"), CHECK_OVER);
}

static void bounds_over_several_runs(void **state)
{
	static const char *const b[] = { "a live=100", "a live=120" };
	static const char *const n[] = { "a live=90", "a live=100", "a live=500" };

	(void)state;
	/* growth by the middle one, bounds without a base by the largest */
	limit("live>+0");
	limit("live>400");
	assert_int_equal(judge_runs(2, b, 3, n), 0);
	assert_int_equal(verdict.n, 2);
	assert_int_equal(verdict.check[0].state, CHECK_OVER);
	assert_string_equal(verdict.check[0].limit->text, "live>400");
	assert_int_equal(verdict.check[0].new, 500);
	assert_int_equal(verdict.check[1].state, CHECK_FINE);
	assert_int_equal(verdict.check[1].base, 120);
	assert_int_equal(verdict.check[1].new, 100);
}

static void closest_rule_counts(void **state)
{
	(void)state;
	limit("live>+0");
	limit("a*.live>+10");
	limit("ab.live>+100");
	limit("ab.live>+40%");
	limit("live>+1%");
	assert_int_equal(judge("ab live=100\nac live=100\nx live=100",
			       "ab live=200\nac live=111\nx live=101"), 0);
	/* ab by its two, ac by the pattern, x by the two without a name */
	assert_int_equal(verdict.n, 5);
	assert_int_equal(verdict.n_over, 3);
	for (size_t i = 0; i < 3; i++) {
		const char *text = verdict.check[i].limit->text;
		const char *name = verdict.check[i].row->row->module;

		if (strcmp(text, !strcmp(name, "ab") ? "ab.live>+40%" :
			   !strcmp(name, "ac") ? "a*.live>+10" : "live>+0"))
			fail_msg("%s: %s", name, text);
	}
}

static void about_nothing(void **state)
{
	static const struct {
		const char *limit, *b, *n, *says;
	} cases[] = {
		{ "b.live>+0", "a live=1", "a live=1", "limit 'b.live>+0' is about nothing: no such module" },
		{ "b.live>+0", "a live=1\nb live=5", "a live=1", "no such module in the new recording" },
		{ "b*.live>+0", "a live=1", "a live=1", "no such module" },
		{ "live>+0", "[kernel] live=1", "[kernel] live=1", "no such module" },
		{ "a:g.live>+0", "a live=1\na:f live=1", "a live=1\na:f live=1", "no such place" },
		{ "a:f.live>+0", "a live=1\na:f live=1", "b live=1", "no such place" },
		{ "a:*.live>+0", "a live=1\na:f live=1", "b live=1", "no such place" },
		{ "leaked>0", "a! leaked=5", "a live=1", "no such module was unloaded" },
		{ "leaked>0", "a live=1", "a! live=1", "such a module was unloaded in the new recording, but" },
		{ "a.leaked>0", "a live=1", "a! live=1\nb live=1", "was unloaded in the new recording, but" },
		{ "b.leaked>0", "a live=1", "a! live=1\nb live=1", "no such module was unloaded" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		clear();
		limit(cases[i].limit);
		if (judge(cases[i].b, cases[i].n) != -ENOENT ||
		    !strstr(err.text, cases[i].says))
			fail_msg("%s: '%s'", cases[i].limit, err.text);
	}
	/* without a limit of one's own, no module need have been unloaded */
	clear();
	assert_int_equal(limits_default(&limits, &err), 0);
	assert_int_equal(judge("a live=1", "a live=1"), 0);
}

/* What a suppression takes off is not in the rest, and not uncertain there. */
static void uncertain_in_what_is_suppressed(void **state)
{
	static const struct {
		const char *new;
		enum check_state state;
	} cases[] = {
		/* 80 are known, 40 are not, and these are certain */
		{ "a live=220 uncertain=80\na:p live=180 uncertain=80\na:q live=40", CHECK_OVER },
		{ "a live=220 uncertain=120\na:p live=180 uncertain=80\na:q live=40 uncertain=40",
		  CHECK_UNSURE },
		/* of the place that is known 100 are not what it grew by */
		{ "a live=220 uncertain=120\na:p live=180 uncertain=120\na:q live=40",
		  CHECK_UNSURE },
		{ "a live=180 uncertain=80\na:p live=180 uncertain=80", CHECK_SUPPRESSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		clear();
		limit("live>+0");
		suppress("suppress a:p reason=known");
		assert_int_equal(judge("a live=100\na:p live=100", cases[i].new), 0);
		assert_int_equal(verdict.n, 1);
		assert_int_equal(verdict.check[0].state, cases[i].state);
	}
}

static void uncertain_is_no_proof(void **state)
{
	(void)state;
	assert_int_equal(outcome("live>+0", "a live=100", "a live=150 uncertain=49"), CHECK_OVER);
	assert_int_equal(outcome("live>+0", "a live=100", "a live=150 uncertain=50"), CHECK_UNSURE);
	assert_int_equal(verdict.n_unsure, 1);
	assert_int_equal(outcome("live>+0", "a live=100", "a live=100 uncertain=50"), CHECK_FINE);
	assert_int_equal(outcome("peak>+0", "a peak=100", "a peak=150 uncertain=50"), CHECK_UNSURE);
	/* what was allocated was seen */
	assert_int_equal(outcome("churn>+0", "a churn=100", "a churn=150 uncertain=50"), CHECK_OVER);
}

static void causes(void **state)
{
	(void)state;
	limit("live>+0");
	limit("overhead>+0");
	judge("a live=100 overhead=0\na:f live=50\na:g live=50\nb live=9\nb:x live=9",
	      "a live=400 overhead=9\na:f live=40\na:g live=60\na:h live=300 allocs=3\n"
	      "b live=9\nb:x live=1\nb:y live=8");
	assert_int_equal(verdict.n_over, 2);
	assert_string_equal(verdict.check[0].limit->text, "live>+0");
	assert_int_equal(verdict.check[0].n_causes, 2);
	assert_string_equal(verdict.check[0].cause[0]->row->function, "h");
	assert_string_equal(verdict.check[0].cause[1]->row->function, "g");
	/* of overhead no place is known */
	assert_int_equal(verdict.check[1].n_causes, 0);
}

static void many_causes(void **state)
{
	(void)state;
	limit("live>+0");
	judge("a live=0", "a live=36\na:f1 live=1\na:f8 live=8\na:f3 live=3\na:f4 live=4\n"
	      "a:f7 live=7\na:f6 live=6\na:f2 live=2\na:f5 live=5");
	assert_int_equal(verdict.check[0].n_causes, 8);
	for (size_t i = 0; i < CHECK_CAUSES; i++)
		assert_int_equal(compare_change(verdict.check[0].cause[i], METRIC_LIVE), 8 - i);
}

static void suppressed(void **state)
{
	static const char b[] = "a live=100\na:f live=100";
	static const char n[] = "a live=160\na:f live=150\na:g live=10";

	(void)state;
	/* of the module's growth, what is known is taken off */
	limit("live>+10");
	suppress("suppress a:f reason=known");
	assert_int_equal(judge(b, n), 0);
	assert_int_equal(verdict.check[0].state, CHECK_SUPPRESSED);
	assert_int_equal(verdict.check[0].suppressed, 50);
	assert_string_equal(verdict.check[0].why->reason, "known");
	clear();
	limit("live>+9");
	suppress("suppress a:f reason=known");
	suppress("suppress b reason=never met");
	assert_int_equal(judge(b, n), 0);
	assert_int_equal(verdict.check[0].state, CHECK_OVER);
	assert_true(limits.suppressions.rule[0].used > 0);
	assert_int_equal(limits.suppressions.rule[1].used, 0);
	clear();
	/* places by themselves */
	limit("a:*.live>+0");
	suppress("suppress a:f kind=slab reason=known");
	assert_int_equal(judge(b, n), 0);
	assert_int_equal(verdict.n_over, 1);
	assert_int_equal(verdict.n_suppressed, 1);
	assert_string_equal(verdict.check[0].row->row->function, "g");
	clear();
	/* a whole module, by any metric; places do not explain a peak */
	limit("peak>+0");
	suppress("suppress a reason=known");
	assert_int_equal(judge("a peak=1", "a peak=2"), 0);
	assert_int_equal(verdict.n_suppressed, 1);
	clear();
	limit("peak>+0");
	suppress("suppress a:f reason=known");
	assert_int_equal(judge("a peak=1\na:f live=1", "a peak=2\na:f live=2"), 0);
	assert_int_equal(verdict.n_over, 1);
	clear();
	/* what an unloaded module left is what its places hold */
	limit("leaked>0");
	suppress("suppress a:f reason=known");
	assert_int_equal(judge("a", "a! live=5 leaked=5\na!:f live=5"), 0);
	assert_int_equal(verdict.n_suppressed, 1);
	clear();
	limit("leaked>0");
	suppress("suppress a:f reason=known");
	assert_int_equal(judge("a", "a! live=6 leaked=6\na!:f live=5\na!:g live=1"), 0);
	assert_int_equal(verdict.n_over, 1);
}

/* ---- sides that do not go together ------------------------------------------------------ */

static enum sides_fault pair(void (*change)(struct side *b, struct side *n), bool allow)
{
	static const char *const rows[] = { "a live=1" };

	clear();
	base = runs_fixture(1, rows);
	new = runs_fixture(1, rows);
	change(base.run[0], new.run[0]);
	err.text[0] = '\0';
	return sides_check(&base, &new, allow, &err);
}

static void nothing(struct side *b, struct side *n)
{
	b->recorded = 2000000000;
	n->recorded = 2000000001;
}

static void arch(struct side *b, struct side *n)
{
	(void)b;
	n->arch = "aarch64";
}

static void page_size(struct side *b, struct side *n)
{
	(void)b;
	n->page_size = 16384;
}

static void word_size(struct side *b, struct side *n)
{
	(void)b;
	n->long_bits = 32;
}

static void order(struct side *b, struct side *n)
{
	b->recorded = 2000000001;
	n->recorded = 2000000000;
}

static void other_attribution(struct side *b, struct side *n)
{
	(void)b;
	n->attribute = "nearest";
}

static void part(struct side *b, struct side *n)
{
	(void)n;
	b->part = true;
}

static void no_events(struct side *b, struct side *n)
{
	(void)b;
	n->events = 0;
}

static void all_zero(struct side *b, struct side *n)
{
	(void)n;
	b->row[0].value[METRIC_LIVE] = 0;
}

static void sides(void **state)
{
	static const struct {
		void (*change)(struct side *b, struct side *n);
		enum sides_fault fault, allowed;
		const char *says;
	} cases[] = {
		{ nothing, SIDES_FINE, SIDES_FINE, "" },
		{ arch, SIDES_ARCH, SIDES_FINE, "recorded on x86_64, no/run0.json on aarch64" },
		{ page_size, SIDES_PAGE_SIZE, SIDES_FINE, "pages of 4096 bytes" },
		{ word_size, SIDES_PAGE_SIZE, SIDES_FINE, "64-bit pointers" },
		{ order, SIDES_ORDER, SIDES_FINE, "are the sides swapped?" },
		{ other_attribution, SIDES_ATTRIBUTE, SIDES_ATTRIBUTE, "--attribute" },
		{ part, SIDES_PART, SIDES_PART, "part of its recording" },
		{ no_events, SIDES_EMPTY, SIDES_EMPTY, "no allocation at all" },
		{ all_zero, SIDES_EMPTY, SIDES_EMPTY, "no allocation at all" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (pair(cases[i].change, false) != cases[i].fault ||
		    !strstr(err.text, cases[i].says))
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(pair(cases[i].change, true), cases[i].allowed);
	}
}

static void trust(void **state)
{
	static const char *const rows[] = { "a live=1", "a live=1" };
	static const char *const why[] = { "events were lost\n" };
	struct sides_notes notes = { .n = 0 };

	(void)state;
	base = runs_fixture(2, rows);
	new = runs_fixture(1, rows);
	assert_true(sides_trusted(&base, &new, &notes));
	assert_int_equal(notes.n, 0);
	base.run[1]->trusted = false;
	base.run[1]->distrust = why;
	base.run[1]->n_distrust = 1;
	assert_false(sides_trusted(&base, &new, &notes));
	assert_int_equal(notes.n, 1);
	assert_string_equal(notes.text[0], "no/run1.json: events were lost\\x0a");
	/* without a reason, too */
	notes.n = 0;
	base.run[1]->n_distrust = 0;
	assert_false(sides_trusted(&base, &new, &notes));
	assert_int_equal(notes.n, 1);
}

static void notes(void **state)
{
	static const char *const rows[] = { "a live=1", "a live=1" };
	struct sides_notes said = { .n = 0 };

	(void)state;
	base = runs_fixture(2, rows);
	new = runs_fixture(2, rows);
	sides_note(&base, &new, &said);
	assert_int_equal(said.n, 0);
	base.run[0]->kernel = "6.12.0";
	new.run[0]->cpus = 4;
	sides_note(&base, &new, &said);
	/* each once, however many pairs there are */
	assert_int_equal(said.n, 3);
	assert_non_null(strstr(said.text[0], "6.12.0 and 6.1.0"));
	assert_non_null(strstr(said.text[1], "newer"));
	assert_non_null(strstr(said.text[2], "2 and 4"));
}

static void narrowed(void **state)
{
	static const char *const b[] = { "snd_pcm live=1" };
	static const char *const n[] = { "snd_pcm live=1\nb live=7" };
	static const char *const names[] = { "snd-pcm" };

	(void)state;
	limit("live>+0");
	base = runs_fixture(1, b);
	new = runs_fixture(1, n);
	base.run[0]->modules = names;
	base.run[0]->n_modules = 1;
	assert_int_equal(compare_sides(&comparison, &base, &new), 0);
	assert_true(comparison.narrowed);
	assert_int_equal(comparison.n, 1);
	assert_int_equal(verdict_reach(&verdict, &comparison, &limits, &err), 0);
	assert_int_equal(verdict.n_over, 0);
}

/* What --own left out of one side neither shrank nor grew. */
static void own_only(void **state)
{
	static const char *const b[] = { "m live=100 induced=4000\nzsmalloc live=5000\n[kernel] live=90000" };
	static const char *const n[] = { "m live=104 induced=7\nzsmalloc live=50\n[kernel] live=10" };

	(void)state;
	base = runs_fixture(1, b);
	new = runs_fixture(1, n);
	for (int own = 0; own < 3; own++) {
		base.run[0]->own_only = own == 2;
		new.run[0]->own_only = own > 0;
		for (size_t i = 0; i < new.run[0]->n; i++)
			if (!strcmp(new.run[0]->row[i].module, "zsmalloc"))
				new.run[0]->row[i].why = own ? BOUND_BIT(CAUSE_OWN_ONLY) : 0;
		assert_int_equal(compare_sides(&comparison, &base, &new), 0);
		assert_int_equal(comparison.own_only, own > 0);
		for (size_t i = 0; i < comparison.n; i++) {
			const struct compare_row *row = &comparison.row[i];
			const char *name = row->row->module;

			assert_int_equal(compare_known(row, METRIC_INDUCED), !own);
			assert_int_equal(compare_known(row, METRIC_LIVE),
					 !own || !strcmp(name, "m") ||
					 (own == 2 && !strcmp(name, "zsmalloc")));
		}
		compare_free(&comparison);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(rows_that_are_the_same, forget),
		cmocka_unit_test_teardown(newly_seen_is_no_growth, forget),
		cmocka_unit_test_teardown(without_a_base_all_counts, forget),
		cmocka_unit_test_teardown(what_is_left_may_decide_nothing, forget),
		cmocka_unit_test_teardown(unseen_frees_are_of_some_rows, forget),
		cmocka_unit_test_teardown(sizes_to_a_limit_are_no_growth, forget),
		cmocka_unit_test(sight_is_learned_from_coverage),
		cmocka_unit_test(coverage_names_each_path),
		cmocka_unit_test_teardown(new_and_vanished, forget),
		cmocka_unit_test_teardown(spread_of_runs, forget),
		cmocka_unit_test_teardown(runs_without_the_row, forget),
		cmocka_unit_test_teardown(runs_without_the_module, forget),
		cmocka_unit_test_teardown(broken_and_kept, forget),
		cmocka_unit_test_teardown(bounds_over_several_runs, forget),
		cmocka_unit_test_teardown(closest_rule_counts, forget),
		cmocka_unit_test_teardown(about_nothing, forget),
		cmocka_unit_test_teardown(uncertain_in_what_is_suppressed, forget),
		cmocka_unit_test_teardown(uncertain_is_no_proof, forget),
		cmocka_unit_test_teardown(causes, forget),
		cmocka_unit_test_teardown(many_causes, forget),
		cmocka_unit_test_teardown(suppressed, forget),
		cmocka_unit_test_teardown(sides, forget),
		cmocka_unit_test_teardown(trust, forget),
		cmocka_unit_test_teardown(notes, forget),
		cmocka_unit_test_teardown(narrowed, forget),
		cmocka_unit_test_teardown(own_only, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
