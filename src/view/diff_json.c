// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_json.c - a comparison for programs: modmem.diff/1
 * (testdata/diff.schema.json)
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "diff_view.h"
#include "limit.h"
#include "side.h"
#include "suppress.h"
#include "text.h"
#include "verdict.h"

/* NULL is null; a NULL result, without memory, makes json_pack() fail. */
static json_t *string(const char *text)
{
	char *copy;
	json_t *value;

	if (!text)
		return json_null();
	copy = text_printable(text);
	value = copy ? json_string(copy) : NULL;
	free(copy);
	return value;
}

/* What does not fit is more than any machine has, see baseline.c. */
static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static int append(json_t *array, json_t *value)
{
	return json_array_append_new(array, value) ? -ENOMEM : 0;
}

static json_t *side(const struct runs *runs)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < runs->n; i++) {
		const struct side *s = runs->run[i];
		const char *name = strrchr(s->name, '/');

		if (append(array, json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}",
					    "file", string(name ? name + 1 : s->name),
					    "kernel", string(s->kernel), "arch", string(s->arch),
					    "page_size", number(s->page_size),
					    "cpus", number(s->cpus),
					    "trusted", (int)s->trusted))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *spread(const struct spread *s)
{
	if (!s->runs)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "min", number(s->min), "mid", number(s->mid),
			 "max", number(s->max));
}

/* What a row is known by. */
static json_t *names(const struct side_row *row)
{
	if (!row->site)
		return json_pack("{s:o}", "module", string(row->module));
	return json_pack("{s:o, s:o, s:s, s:o, s:s, s:o}",
			 "module", string(row->module), "function", string(row->function),
			 "kind", mem_kind_name(row->kind), "via", string(row->via),
			 "charge", charge_name(row->charge), "source", string(row->source));
}

static const char *state_name(enum check_state state)
{
	static const char *const names_of[] = {
		[CHECK_FINE] = "fine",
		[CHECK_SUPPRESSED] = "suppressed",
		[CHECK_UNSURE] = "uncertain",
		[CHECK_OVER] = "broken",
	};

	return names_of[state];
}

static json_t *causes(const struct check *check)
{
	enum metric m = check->limit->metric;
	json_t *array = json_array();

	if (!(METRICS_OF_PARTS & METRIC_BIT(m)))
		m = METRIC_LIVE;
	for (size_t i = 0; i < check->n_causes && i < CHECK_CAUSES; i++) {
		json_t *cause = names(check->cause[i]->row);

		json_t *change = json_integer(compare_change(check->cause[i], m));

		if (json_object_set_new(cause, "change", change) ||
		    json_object_set_new(cause, "new", number(check->cause[i]->whole[m].max)) ||
		    append(array, cause)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *check_object(const struct check *check)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "limit", string(check->limit->text),
			 "where", string(check->limit->where),
			 "row", names(check->row->row),
			 "metric", metric_name(check->limit->metric),
			 "state", state_name(check->state),
			 "base", number(check->base), "new", number(check->new),
			 "allowed", check->allowed > INT64_MAX ? json_null() : number(check->allowed),
			 "uncertain", number(check->uncertain),
			 "suppressed", number(check->suppressed),
			 "reason", string(check->why ? check->why->reason : NULL),
			 "causes", causes(check));
}

static json_t *checks(const struct verdict *v)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < v->n; i++)
		if (append(array, check_object(&v->check[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *row_object(const struct diff_report *report, const struct compare_row *row)
{
	json_t *object = names(row->row);
	int bad = json_object_set_new(object, "base_runs", number(row->base_runs)) |
		  json_object_set_new(object, "new_runs", number(row->new_runs));

	for (enum metric m = 0; m < METRIC_MAX && !bad; m++) {
		if (!(report->metrics & METRIC_BIT(m)) ||
		    !(row->base[m].runs || row->new[m].runs))
			continue;
		bad = json_object_set_new(object, metric_name(m),
					  json_pack("{s:o, s:o, s:o}", "base",
						    spread(&row->base[m]), "new",
						    spread(&row->new[m]), "change",
						    compare_known(row, m) ?
						    json_integer(compare_change(row, m)) :
						    json_null()));
	}
	if (!bad)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *rows(const struct diff_report *report)
{
	size_t n = 0, n_left_out = 0;
	struct diff_report every = *report;
	const struct compare_row **list;
	json_t *array = json_array();

	every.all = true;
	list = diff_rows(&every, &n, &n_left_out);
	for (size_t i = 0; list && i < n; i++) {
		bool changed = report->all;

		for (enum metric m = 0; m < METRIC_MAX && !changed; m++)
			changed = report->metrics & METRIC_BIT(m) && compare_change(list[i], m);
		if (changed && append(array, row_object(report, list[i]))) {
			free(list);
			list = NULL;
		}
	}
	if (!list) {
		json_decref(array);
		return NULL;
	}
	free(list);
	return array;
}

static int add_remark(void *arg, const char *kind, const char *text)
{
	json_t *line = json_pack("{s:s, s:o}", "kind", kind, "text", string(text));

	return append(arg, line);
}

static int write_text(const char *text, size_t len, void *out)
{
	return fwrite(text, 1, len, out) == len ? 0 : -1;
}

int diff_json(const struct diff_report *report, FILE *out)
{
	json_t *remarks = json_array(), *object = NULL;
	int ret = remarks ? diff_remarks(report, add_remark, remarks) : -ENOMEM;

	if (ret) {
		json_decref(remarks);
		return ret;
	}
	object = json_pack("{s:s, s:s, s:i, s:b, s:o, s:o, s:o, s:o, s:o}",
			   "schema", "modmem.diff/1",
			   "verdict", diff_result_name(report->result),
			   "exit_status", report->status,
			   "untrusted_allowed", (int)report->allow_untrusted,
			   "base", side(report->base), "new", side(report->new),
			   "remarks", remarks,
			   "checks", checks(report->verdict), "rows", rows(report));
	if (!object)
		return -ENOMEM;
	if (!json_dump_callback(object, write_text, out, JSON_INDENT(2)))
		fputc('\n', out);
	else if (!ferror(out))
		ret = -ENOMEM;
	json_decref(object);
	return ret;
}
