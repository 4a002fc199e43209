// SPDX-License-Identifier: GPL-2.0-or-later
#include "status.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "ask.h"

static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/* Names of files may be no UTF-8. */
static json_t *text(const char *s)
{
	struct error printable;

	error_set(&printable, 0, "%.900s", s);
	return json_string(printable.text);
}

int status_write(const struct watcher_status *st, FILE *out, struct error *err)
{
	const double cpu = (double)st->cpu_ns / 1e9;
	json_t *o = json_object();
	int bad = 0;

	bad |= json_object_set_new(o, "schema", json_string(ASK_SCHEMA));
	bad |= json_object_set_new(o, "pid", json_integer(getpid()));
	bad |= json_object_set_new(o, "since", json_integer(st->since));
	bad |= json_object_set_new(o, "seconds", json_real(st->seconds));
	bad |= json_object_set_new(o, "cpu_seconds", json_real(cpu));
	bad |= json_object_set_new(o, "cpu_percent", json_real(st->seconds > 0 ?
							       100 * cpu / st->seconds : 0));
	bad |= json_object_set_new(o, "rss_bytes", number(st->rss));
	bad |= json_object_set_new(o, "ring_buffer_bytes", number(st->ring));
	bad |= json_object_set_new(o, "events", number(st->events));
	bad |= json_object_set_new(o, "lost_events", number(st->lost));
	bad |= json_object_set_new(o, "restarts", number(st->restarts));
	bad |= json_object_set_new(o, "late_events", number(st->size.late));
	bad |= json_object_set_new(o, "accounts", number(st->size.accounts));
	bad |= json_object_set_new(o, "stacks", number(st->size.stacks));
	bad |= json_object_set_new(o, "objects", number(st->size.objects));
	bad |= json_object_set_new(o, "compactions", number(st->size.compactions));
	bad |= json_object_set_new(o, "output", st->output ? text(st->output) : json_null());
	bad |= json_object_set_new(o, "reports_saved", number(st->saved));
	bad |= json_object_set_new(o, "saved_at", st->saved_at ? json_integer(st->saved_at) :
							  json_null());
	bad |= json_object_set_new(o, "answered", number(st->answered));
	bad |= json_object_set_new(o, "said", *st->said.text ? text(st->said.text) : json_null());
	bad |= json_object_set_new(o, "said_at", st->said_at ? json_integer(st->said_at) :
							 json_null());
	if (!bad)
		bad = json_dumpf(o, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	json_decref(o);
	if (bad)
		return error_set(err, -ENOMEM, "out of memory");
	fputc('\n', out);
	return 0;
}
