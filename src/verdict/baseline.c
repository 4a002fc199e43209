// SPDX-License-Identifier: GPL-2.0-or-later
#include "baseline.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arena.h"
#include "bound.h"
#include "error.h"
#include "modname.h"
#include "readfile.h"
#include "side.h"
#include "sight.h"

#define SCHEMA "modmem.report/1"
#define SCHEMA_FAMILY "modmem.report/"

/* A report being read; what is wrong first is what is said. */
struct reader {
	const char *name;	/* of the file */
	const char *module;	/* where we are, NULL: at none */
	struct side *side;
	struct error *err;
	int ret;
};

__attribute__((format(printf, 2, 3)))
static void refuse(struct reader *r, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (r->ret)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->ret = error_set(r->err, -EINVAL, "%.200s: %s%.60s%s%s; was it changed?",
			   r->name, r->module ? "module '" : "",
			   r->module ? r->module : "", r->module ? "': " : "", text);
}

static void no_memory(struct reader *r)
{
	if (!r->ret)
		r->ret = error_set(r->err, -ENOMEM, "out of memory");
}

/* ---- members ---------------------------------------------------------------------------- */

static uint64_t number(struct reader *r, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		refuse(r, "%s is %s", key, !value ? "missing" :
		       "no number that could be");
		return 0;
	}
	return (uint64_t)json_integer_value(value);
}

/* A text, or NULL where null or nothing may stand. */
static const char *text_or_null(struct reader *r, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *copy;

	if (!value || json_is_null(value))
		return NULL;
	if (!json_is_string(value)) {
		refuse(r, "%s is no text", key);
		return NULL;
	}
	copy = arena_strdup(r->side->arena, json_string_value(value));
	if (!copy)
		no_memory(r);
	return copy;
}

static const char *text(struct reader *r, const json_t *object, const char *key)
{
	const char *value = text_or_null(r, object, key);

	if (!value)
		refuse(r, "%s is missing", key);
	return value;
}

/* The place of a text among @max names, or -1 and refused. */
static int one_of(struct reader *r, const json_t *object, const char *key,
		  const char *(*name)(unsigned int i), unsigned int max)
{
	const char *value = text(r, object, key);

	for (unsigned int i = 0; value && i < max; i++)
		if (!strcmp(name(i), value))
			return (int)i;
	if (value)
		refuse(r, "%s is '%.40s', which is not known", key, value);
	return -1;
}

static bool truth(struct reader *r, const json_t *object, const char *key, bool absent)
{
	const json_t *value = json_object_get(object, key);

	if (value && !json_is_boolean(value))
		refuse(r, "%s is neither true nor false", key);
	return value ? json_is_true(value) : absent;
}

static const json_t *member(struct reader *r, const json_t *object, const char *key,
			    json_type type)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_typeof(value) != type) {
		refuse(r, "%s is missing", key);
		return NULL;
	}
	return value;
}

/* A list of texts into the arena; NULL where there is none. */
static const char *const *texts(struct reader *r, const json_t *object,
				const char *key, size_t *n)
{
	const json_t *array = json_object_get(object, key);
	const char **list;

	*n = 0;
	if (!array || json_is_null(array))
		return NULL;
	if (!json_is_array(array)) {
		refuse(r, "%s is no list", key);
		return NULL;
	}
	list = arena_zalloc(r->side->arena, json_array_size(array) + 1, sizeof(*list));
	if (!list) {
		no_memory(r);
		return NULL;
	}
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *item = json_string_value(json_array_get(array, i));

		list[i] = item ? arena_strdup(r->side->arena, item) : NULL;
		if (!list[i]) {
			refuse(r, "%s holds something else than texts", key);
			return NULL;
		}
	}
	*n = json_array_size(array);
	return list;
}

/* ---- rows ------------------------------------------------------------------------------- */

static const char *state_name(unsigned int i)
{
	return module_state_name((enum module_state)i);
}

static const char *kind_name(unsigned int i)
{
	return mem_kind_name((enum mem_kind)i);
}

static const char *charge_of(unsigned int i)
{
	return charge_name((enum charge)i);
}

static void add(struct reader *r, const struct side_row *row)
{
	if (!r->ret && side_add(r->side, row))
		no_memory(r);
}

/* The causes for which its number is not exact; no saved report of old has them. */
static uint32_t read_why(struct reader *r, const json_t *object)
{
	uint32_t why = 0;
	size_t n;
	const char *const *names = texts(r, object, "why", &n);

	if (!json_object_get(object, "why"))
		return SIDE_WHY_UNKNOWN;
	for (size_t i = 0; i < n; i++) {
		unsigned int cause = 0;

		while (cause < BOUND_CAUSES && strcmp(bound_cause_name(cause), names[i]))
			cause++;
		/* of a later modmem: it is not exact, for whatever that is */
		why |= cause < BOUND_CAUSES ? BOUND_BIT(cause) : SIDE_WHY_UNKNOWN;
	}
	return why;
}

/* Adds its live bytes to those of its charge. */
static void read_site(struct reader *r, const json_t *object,
		      const struct side_row *module, uint64_t *own, uint64_t *induced)
{
	struct side_row row = {
		.module = module->module,
		.state = module->state,
		.site = true,
		.function = text_or_null(r, object, "function"),
		.via = text(r, object, "via"),
		.source = text_or_null(r, object, "source"),
		.why = read_why(r, object),
	};
	int kind = one_of(r, object, "kind", kind_name, KIND_MAX);
	int charge = one_of(r, object, "charge", charge_of, CHARGE_INDUCED + 1);
	uint64_t live = number(r, object, "live_bytes");
	uint64_t *sum = charge == CHARGE_OWN ? own : induced;

	if (kind < 0 || charge < 0 || r->ret)
		return;
	row.kind = (enum mem_kind)kind;
	row.charge = (enum charge)charge;
	if (charge == CHARGE_OWN) {
		row.known = METRICS_OF_SITES & ~METRIC_BIT(METRIC_INDUCED);
		row.value[METRIC_LIVE] = live;
		/* reports had none at first */
		if (json_object_get(object, "peak_bytes"))
			row.value[METRIC_PEAK] = number(r, object, "peak_bytes");
		else
			row.known &= ~METRIC_BIT(METRIC_PEAK);
		row.value[METRIC_ALLOCS] = number(r, object, "allocs");
		row.value[METRIC_CHURN] = number(r, object, "allocated_bytes");
		row.uncertain = number(r, object, "uncertain_bytes");
	} else {
		row.known = METRIC_BIT(METRIC_INDUCED);
		row.value[METRIC_INDUCED] = live;
	}
	if (__builtin_add_overflow(*sum, live, sum))
		refuse(r, "the sum of its places is no number that could be");
	add(r, &row);
}

/* As the kernel has it: somebody may have written the baseline. */
static const char *module_name(struct reader *r, const json_t *object)
{
	const char *name = text(r, object, "name");
	size_t len = name ? strlen(name) : 0;
	char *copy = name ? arena_strdup(r->side->arena, name) : NULL;

	if (copy)
		modname_set(copy, len + 1, name, len);
	else if (name)
		no_memory(r);
	return copy;
}

static void read_module(struct reader *r, const json_t *object)
{
	struct side_row row = { .known = METRICS_ALL };
	const json_t *leaked = json_object_get(object, "leaked_bytes");
	const json_t *sites;
	uint64_t own = 0, induced = 0;
	int state;

	r->module = NULL;
	row.module = module_name(r, object);
	r->module = row.module;
	state = one_of(r, object, "state", state_name, MODULE_UNKNOWN + 1);
	row.state = state < 0 ? MODULE_UNKNOWN : (enum module_state)state;
	row.value[METRIC_LIVE] = number(r, object, "live_bytes");
	row.value[METRIC_PEAK] = number(r, object, "peak_bytes");
	row.value[METRIC_OVERHEAD] = number(r, object, "overhead_bytes");
	row.value[METRIC_ALLOCS] = number(r, object, "allocs");
	row.value[METRIC_CHURN] = number(r, object, "allocated_bytes");
	row.value[METRIC_INDUCED] = number(r, object, "induced_bytes");
	row.uncertain = number(r, object, "uncertain_bytes");
	row.why = read_why(r, object);
	if (!leaked || json_is_null(leaked))
		row.known &= ~METRIC_BIT(METRIC_LEAKED);
	else
		row.value[METRIC_LEAKED] = number(r, object, "leaked_bytes");
	add(r, &row);

	sites = member(r, object, "sites", JSON_ARRAY);
	for (size_t i = 0; !r->ret && i < json_array_size(sites); i++)
		read_site(r, json_array_get(sites, i), &row, &own, &induced);
	if (own != row.value[METRIC_LIVE])
		refuse(r, "live_bytes is %" PRIu64 ", but its places hold %" PRIu64,
		       row.value[METRIC_LIVE], own);
	if (induced != row.value[METRIC_INDUCED])
		refuse(r, "induced_bytes is %" PRIu64 ", but its places hold %" PRIu64,
		       row.value[METRIC_INDUCED], induced);
	r->module = NULL;
}

/* Two modules of one name would be summed up. */
static void check_modules(struct reader *r)
{
	const struct side *side = r->side;

	for (size_t i = 1; i < side->n && !r->ret; i++)
		if (!side->row[i].site && !side->row[i - 1].site &&
		    !strcmp(side->row[i].module, side->row[i - 1].module))
			refuse(r, "module '%.60s' is there twice", side->row[i].module);
}

static int by_name(const void *x, const void *y)
{
	return side_compare(x, y);
}

static void read_rows(struct reader *r, const json_t *report)
{
	const json_t *modules = member(r, report, "modules", JSON_ARRAY);

	for (size_t i = 0; !r->ret && i < json_array_size(modules); i++)
		read_module(r, json_array_get(modules, i));
	if (r->ret)
		return;
	if (r->side->n)
		qsort(r->side->row, r->side->n, sizeof(*r->side->row), by_name);
	check_modules(r);
	if (!r->ret && side_finish(r->side))
		refuse(r, "there are numbers in it that no machine can have");
}

/* ---- what is around the rows ------------------------------------------------------------ */

static int64_t read_time(struct reader *r, const json_t *object)
{
	const char *when = text_or_null(r, object, "recorded");
	struct tm tm = { 0 };
	const char *end;
	time_t t;

	if (!when)
		return -1;
	end = strptime(when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	t = end && !*end ? timegm(&tm) : -1;
	if (t < 0)
		refuse(r, "recorded is no time of the form 2026-01-31T12:00:00Z");
	return t;
}

static void read_source(struct reader *r, const json_t *report)
{
	const json_t *source = member(r, report, "source", JSON_OBJECT);
	struct side *side = r->side;

	if (!source)
		return;
	side->kernel = text_or_null(r, source, "kernel");
	side->arch = text_or_null(r, source, "arch");
	side->page_size = number(r, source, "page_size");
	side->cpus = number(r, source, "cpus");
	if (json_object_get(source, "long_bits"))
		side->long_bits = number(r, source, "long_bits");
	side->recorded = read_time(r, source);
}

static void read_options(struct reader *r, const json_t *report)
{
	const json_t *options = json_object_get(report, "options");
	struct side *side = r->side;

	if (!options)
		return;
	side->attribute = text_or_null(r, options, "attribute");
	side->modules = texts(r, options, "modules", &side->n_modules);
	side->part = truth(r, options, "part", false);
}

static void read_coverage(struct reader *r, const json_t *report)
{
	const json_t *coverage = member(r, report, "coverage", JSON_OBJECT);
	const char *const *covered, *const *blind;
	size_t n_covered, n_blind;
	struct side *side = r->side;

	if (!coverage)
		return;
	side->events = number(r, coverage, "events");
	/* where nothing says that it can be trusted, it cannot */
	side->trusted = truth(r, coverage, "trusted", false);
	side->distrust = texts(r, coverage, "distrust", &side->n_distrust);
	covered = texts(r, coverage, "covered", &n_covered);
	blind = texts(r, coverage, "blind", &n_blind);
	sight_learn(side, covered, n_covered, blind, n_blind);
}

static bool check_schema(struct reader *r, const json_t *report)
{
	const char *schema = json_string_value(json_object_get(report, "schema"));

	if (schema && !strcmp(schema, SCHEMA))
		return true;
	if (schema && !strncmp(schema, SCHEMA_FAMILY, strlen(SCHEMA_FAMILY)))
		r->ret = error_set(r->err, -EINVAL,
				   "%.200s: a report of the form %.40s, this modmem reads " SCHEMA ": make it again with this modmem",
				   r->name, schema);
	else
		r->ret = error_set(r->err, -EINVAL,
				   "%.200s: JSON, but no report of modmem (schema " SCHEMA "): save one with 'modmem report --format json'",
				   r->name);
	return false;
}

struct side *baseline_parse(const char *text, size_t len, const char *name,
			    struct error *err)
{
	struct reader r = { .name = name, .err = err };
	json_error_t error;
	json_t *report;

	report = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!report) {
		error_set(err, -EINVAL, "%.200s: is no JSON, or was cut off: line %d: %.100s",
			  name, error.line, error.text);
		return NULL;
	}
	r.side = side_new(name);
	if (!r.side) {
		no_memory(&r);
	} else if (check_schema(&r, report)) {
		read_source(&r, report);
		read_options(&r, report);
		read_coverage(&r, report);
		read_rows(&r, report);
	}
	json_decref(report);
	if (!r.ret)
		return r.side;
	side_free(r.side);
	return NULL;
}

struct side *baseline_read(const char *path, struct error *err)
{
	size_t len;
	char *data = readfile(path, BASELINE_MAX, "report", &len, err);
	struct side *side = data ? baseline_parse(data, len, path, err) : NULL;

	free(data);
	return side;
}
