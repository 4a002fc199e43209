// SPDX-License-Identifier: GPL-2.0-or-later
#include "limit.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "rulefile.h"
#include "side.h"
#include "units.h"

#define TRY " Try 'modmem help diff'."
#define PERCENT_WHOLE 100000u		/* thousandths of a percent in all of it */
#define RULE_MAX 512u

static int bad(const char *where, const char *text, const char *what, struct error *err)
{
	return error_set(err, -EINVAL, "%.200s%slimit '%.80s': %s." TRY,
			 where ? where : "", where ? ": " : "", text, what);
}

/* A copy without blanks; NULL: no memory. */
static char *squeeze(const char *text)
{
	char *copy = malloc(strlen(text) + 1), *to = copy;

	if (!copy)
		return NULL;
	for (; *text; text++)
		if (*text != ' ' && *text != '\t')
			*to++ = *text;
	*to = '\0';
	return copy;
}

/* "12" or "12.5" as thousandths; false: it is none. */
static bool parse_percent(const char *text, const char *end, uint64_t *milli)
{
	uint64_t value = 0, scale = 0;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; text < end; text++) {
		if (*text == '.' && !scale && text + 1 < end) {
			scale = 1000;
		} else if (isdigit((unsigned char)*text) && scale != 1 && value < UINT32_MAX) {
			value = value * 10 + (uint64_t)(*text - '0');
			scale /= 10;
		} else {
			return false;
		}
	}
	*milli = value * (scale ? scale : 1000);
	return true;
}

/* NULL, or what is wrong with it. */
static const char *parse_amount(struct limit *limit, const char *text)
{
	int ret = limit->metric == METRIC_ALLOCS ? number_parse(text, &limit->size) :
		  size_parse(text, &limit->size);

	limit->has_size = true;
	return !ret ? NULL : ret == -ERANGE ? "what stands behind '>' is too large" :
	       "behind '>' stands 64K, +64K, +5% or +5%&+64K";
}

/* What stands behind the ">"; NULL, or what is wrong with it. */
static const char *parse_bound(struct limit *limit, char *text)
{
	char *percent = strchr(text, '%');

	limit->grows = *text == '+';
	if (!limit->grows) {
		if (percent)
			return "a percentage is above the base: '>+5%'";
		return parse_amount(limit, text);
	}
	if (!percent)
		return parse_amount(limit, text + 1);
	limit->has_percent = true;
	if (!parse_percent(text + 1, percent, &limit->milli))
		return "a percentage is a number such as 5 or 0.5";
	if (!percent[1])
		return NULL;
	if (percent[1] != '&' || percent[2] != '+')
		return "a percentage and a size are joined like +5%&+64K";
	return parse_amount(limit, percent + 3);
}

/* @text is changed: the parts of the rule lie in it. NULL, or what is wrong. */
static const char *parse(struct limit *limit, char *text)
{
	char *bound = strchr(text, '>'), *dot, *metric = text, *colon;

	if (!bound)
		return "a limit is [MODULE[:FUNCTION].]METRIC>BOUND";
	*bound++ = '\0';
	dot = strrchr(text, '.');
	if (dot) {
		*dot = '\0';
		metric = dot + 1;
		limit->module = text;
		colon = strchr(text, ':');
		if (colon) {
			*colon = '\0';
			limit->function = colon + 1;
		}
		if (!*limit->module || (colon && !*limit->function))
			return "a name is missing in front of the metric";
	}
	limit->metric = metric_find(metric, strlen(metric));
	if (limit->metric == METRIC_MAX)
		return "the metric is one of live, peak, leaked, overhead, allocs, churn, induced";
	if (limit->function && !(METRICS_OF_SITES & METRIC_BIT(limit->metric)))
		return "of a function only live, peak, allocs, churn and induced are known";
	return parse_bound(limit, bound);
}

static struct limit *new_rule(struct limits *limits)
{
	struct limit *rule;

	if (limits->n == limits->room) {
		size_t room = limits->room ? limits->room * 2 : 16;

		rule = realloc(limits->rule, room * sizeof(*rule));
		if (!rule)
			return NULL;
		limits->rule = rule;
		limits->room = room;
	}
	rule = &limits->rule[limits->n];
	*rule = (struct limit){ 0 };
	return rule;
}

/* One allocation: the rule, and behind it a copy that is taken apart. */
static char *two_copies(const char *text, char **second)
{
	char *once = squeeze(text), *twice;
	size_t len;

	if (!once)
		return NULL;
	len = strlen(once) + 1;
	twice = realloc(once, 2 * len);
	if (!twice) {
		free(once);
		return NULL;
	}
	*second = memcpy(twice + len, twice, len);
	return twice;
}

int limits_add(struct limits *limits, const char *text, const char *where,
	       struct error *err)
{
	struct limit *rule;
	const char *wrong;
	char *parts;

	if (strlen(text) > RULE_MAX)
		return bad(where, text, "is too long", err);
	rule = new_rule(limits);
	if (!rule)
		return error_set(err, -ENOMEM, "out of memory");
	rule->text = two_copies(text, &parts);
	rule->where = where ? strdup(where) : NULL;
	if (!rule->text || (where && !rule->where)) {
		free(rule->text);
		free(rule->where);
		return error_set(err, -ENOMEM, "out of memory");
	}
	wrong = parse(rule, parts);
	if (wrong) {
		free(rule->text);
		free(rule->where);
		return bad(where, text, wrong, err);
	}
	limits->n++;
	return 0;
}

int limits_default(struct limits *limits, struct error *err)
{
	int ret = limits_add(limits, "live>+0", NULL, err);

	if (!ret)
		ret = limits_add(limits, "leaked>+0", NULL, err);
	/* no module need have been unloaded */
	if (!ret)
		limits->rule[limits->n - 1].may_miss = true;
	return ret;
}

struct reading {
	struct limits *limits;
	const char *today;
};

static int read_rule(void *arg, char *text, const char *where, struct error *err)
{
	struct reading *r = arg;

	if (suppress_is_rule(text))
		return suppress_add(&r->limits->suppressions, text, where, r->today, err);
	return limits_add(r->limits, text, where, err);
}

int limits_read(struct limits *limits, const char *path, const char *today,
		struct error *err)
{
	struct reading r = { limits, today };

	return rulefile_read(path, read_rule, &r, err);
}

void limits_free(struct limits *limits)
{
	for (size_t i = 0; i < limits->n; i++) {
		free(limits->rule[i].text);
		free(limits->rule[i].where);
	}
	free(limits->rule);
	suppress_free(&limits->suppressions);
	*limits = (struct limits){ 0 };
}

/* A name that means one thing alone. */
static bool is_plain(const char *pattern)
{
	return !strcmp(pattern, "[kernel]") || !strcmp(pattern, "[unknown]") ||
	       !strpbrk(pattern, "*?[");
}

unsigned int limit_fits(const struct limit *limit, const struct side_row *row)
{
	unsigned int close = 1;

	if (row->site != (limit->function != NULL))
		return 0;
	/* of own places live is known, of induced ones induced */
	if (row->site && !(row->known & METRIC_BIT(limit->metric)))
		return 0;
	if (!limit->module)
		return side_is_module(row) ? close : 0;
	if (!suppress_module_fits(limit->module, row->module))
		return 0;
	close += is_plain(limit->module) ? 6 : 3;
	if (!limit->function)
		return close;
	if (!suppress_function_fits(limit->function, row->function))
		return 0;
	return close + (is_plain(limit->function) ? 2 : 1);
}

uint64_t limit_allows(const struct limit *limit, uint64_t base)
{
	uint64_t share, add = 0;

	if (!limit->grows)
		return limit->size;
	if (limit->has_percent) {
		/* base * milli / PERCENT_WHOLE, in two parts that do not overflow soon */
		share = base % PERCENT_WHOLE * limit->milli / PERCENT_WHOLE;
		if (__builtin_mul_overflow(base / PERCENT_WHOLE, limit->milli, &add) ||
		    __builtin_add_overflow(add, share, &add))
			return UINT64_MAX;
	}
	if (limit->has_size && limit->size > add)
		add = limit->size;
	return __builtin_add_overflow(base, add, &add) ? UINT64_MAX : add;
}
