// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pprof.c - stacks as a heap profile, for pprof and what else reads its format
 *
 * Field numbers are those of the published schema,
 * https://github.com/google/pprof/blob/main/proto/profile.proto; the sample
 * types are those of Go's heap profiles, which pprof knows by name, and
 * peak_space. A location is a function (with opts->offsets: a place in it), a
 * mapping is a module; addresses are left out, as in all that modmem shows.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "error.h"
#include "frame.h"
#include "memstream.h"
#include "protobuf.h"
#include "rows.h"
#include "strings_table.h"
#include "text.h"

enum {			/* fields of Profile */
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_MAPPING = 3,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING_TABLE = 6,
	PROFILE_DURATION_NANOS = 10,
	PROFILE_PERIOD_TYPE = 11,
	PROFILE_PERIOD = 12,
	PROFILE_COMMENT = 13,
	PROFILE_DEFAULT_SAMPLE_TYPE = 14,
};

enum {			/* ... and of what is in it */
	VALUE_TYPE_TYPE = 1,
	VALUE_TYPE_UNIT = 2,
	SAMPLE_LOCATION_ID = 1,
	SAMPLE_VALUE = 2,
	SAMPLE_LABEL = 3,
	LABEL_KEY = 1,
	LABEL_STR = 2,
	MAPPING_ID = 1,
	MAPPING_FILENAME = 5,
	MAPPING_HAS_FUNCTIONS = 7,
	LOCATION_ID = 1,
	LOCATION_MAPPING_ID = 2,
	LOCATION_LINE = 4,
	LINE_FUNCTION_ID = 1,
	LINE_LINE = 2,
	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_SYSTEM_NAME = 3,
	FUNCTION_FILENAME = 4,
};

static const struct sample_type {
	const char *type, *unit;
	enum export_metric metric;
} sample_types[] = {
	{ "alloc_objects", "count", METRIC_ALLOCS },
	{ "alloc_space", "bytes", METRIC_ALLOCATED },
	{ "inuse_objects", "count", METRIC_OBJECTS },
	{ "inuse_space", "bytes", METRIC_LIVE },
	{ "peak_space", "bytes", METRIC_PEAK },
};

#define N_TYPES (sizeof(sample_types) / sizeof(sample_types[0]))

/* Numbers of texts are numbers of functions and so on: from 1, without gaps. */
struct profile {
	const struct snapshot *snap;
	const struct export_opts *opts;
	struct protobuf out, part, inner;
	struct strings *texts;		/* the string table */
	struct strings *locations;
	struct strings *functions;
	struct strings *mappings;
	uint64_t *ids;			/* locations of one stack */
	size_t ids_room;
	bool no_memory;
};

/* Number of @text in a table; anything that is too much is kept for the end. */
static uint64_t intern(struct profile *p, struct strings *table, const char *text)
{
	uint32_t id = text ? strings_add(table, text, strlen(text)) : UINT32_MAX;

	if (id == UINT32_MAX) {
		p->no_memory = true;
		return 0;
	}
	return id;
}

static uint64_t text_id(struct profile *p, const char *text)
{
	return intern(p, p->texts, text);
}

/* The same for a text that the recording brought; frees it. */
static uint64_t owned_id(struct profile *p, struct strings *table, char *text)
{
	uint64_t id = intern(p, table, text);

	free(text);
	return id;
}

static uint64_t printable_id(struct profile *p, const char *text)
{
	return owned_id(p, p->texts, text_printable(text));
}

static void put_type(struct profile *p, unsigned int field, const char *type,
		     const char *unit)
{
	protobuf_number(&p->part, VALUE_TYPE_TYPE, text_id(p, type));
	protobuf_number(&p->part, VALUE_TYPE_UNIT, text_id(p, unit));
	protobuf_message(&p->out, field, &p->part);
}

static void put_label(struct profile *p, const char *key, const char *value)
{
	protobuf_number(&p->inner, LABEL_KEY, text_id(p, key));
	protobuf_number(&p->inner, LABEL_STR, printable_id(p, value));
	protobuf_message(&p->part, SAMPLE_LABEL, &p->inner);
}

static void put_function(struct profile *p, uint64_t id, const char *name, const char *file)
{
	struct frame_parts parts;

	frame_split(name, &parts);
	protobuf_number(&p->part, FUNCTION_ID, id);
	protobuf_number(&p->part, FUNCTION_NAME, text_id(p, name));
	protobuf_number(&p->part, FUNCTION_SYSTEM_NAME,
			owned_id(p, p->texts, strndup(name, parts.function_len)));
	if (*file)
		protobuf_number(&p->part, FUNCTION_FILENAME, printable_id(p, file));
	protobuf_message(&p->out, PROFILE_FUNCTION, &p->part);
}

/* Cuts "file:line" to the file; the line, 0: none. */
static uint64_t split_source(char *source)
{
	char *colon = strrchr(source, ':'), *end;
	uint64_t line;

	if (!colon || !colon[1] || colon[1] < '0' || colon[1] > '9')
		return 0;
	line = strtoull(colon + 1, &end, 10);
	if (*end || line > INT64_MAX)
		return 0;
	*colon = '\0';
	return line;
}

/* The core kernel is the main program, which is to be the first mapping. */
static uint64_t mapping(struct profile *p, const struct frame_parts *parts)
{
	size_t before = strings_count(p->mappings);
	char *name = parts->module ? strndup(parts->module, parts->module_len) :
		     strdup("[kernel]");
	uint64_t text = name ? text_id(p, name) : 0;
	uint64_t id = owned_id(p, p->mappings, name);

	if (id < before)
		return id;
	protobuf_number(&p->part, MAPPING_ID, id);
	protobuf_number(&p->part, MAPPING_FILENAME, text);
	/* nobody needs to look for symbols */
	protobuf_number(&p->part, MAPPING_HAS_FUNCTIONS, true);
	protobuf_message(&p->out, PROFILE_MAPPING, &p->part);
	return id;
}

static uint64_t location(struct profile *p, const struct snap_stack *stack, size_t i)
{
	size_t before = strings_count(p->locations), n_functions;
	uint64_t id = owned_id(p, p->locations, stack_frame_text(stack, i, p->opts->offsets));
	const char *source = stack_source(stack, i);
	uint64_t map, function, line;
	struct frame_parts parts;
	char *bare, *file;

	if (p->no_memory || id < before)
		return id;
	bare = frame_text(*stack->frames[i] ? stack->frames[i] : "?", false);
	file = strdup(source ? source : "");
	if (!bare || !file) {
		free(bare);
		free(file);
		p->no_memory = true;
		return 0;
	}
	line = split_source(file);
	frame_split(bare, &parts);
	map = mapping(p, &parts);
	n_functions = strings_count(p->functions);
	/* of one name may be several, and parts of one come from headers */
	function = owned_id(p, p->functions, text_format("%s\n%s", bare, file));
	if (function >= n_functions)
		put_function(p, function, bare, file);
	free(bare);
	free(file);
	protobuf_number(&p->part, LOCATION_ID, id);
	protobuf_number(&p->part, LOCATION_MAPPING_ID, map);
	protobuf_number(&p->inner, LINE_FUNCTION_ID, function);
	if (line)
		protobuf_number(&p->inner, LINE_LINE, line);
	protobuf_message(&p->part, LOCATION_LINE, &p->inner);
	protobuf_message(&p->out, PROFILE_LOCATION, &p->part);
	return id;
}

static uint64_t positive(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : value;
}

static int put_sample(struct profile *p, const struct snap_stack *stack)
{
	uint64_t values[N_TYPES], any = 0;
	size_t n = stack->n_frames - stack->n_allocator;

	/* a leaf that says who allocated, as other heap profiles have it */
	if (!n)
		n = stack->n_frames;
	for (size_t i = 0; i < N_TYPES; i++)
		any |= values[i] = positive(stack_value(stack, sample_types[i].metric));
	if (!any)
		return 0;
	if (n > p->ids_room) {
		uint64_t *ids = realloc(p->ids, n * sizeof(*ids));

		if (!ids)
			return -ENOMEM;
		p->ids = ids;
		p->ids_room = n;
	}
	/* the innermost comes first */
	for (size_t i = 0; i < n; i++)
		p->ids[i] = location(p, stack, n - 1 - i);
	protobuf_numbers(&p->part, SAMPLE_LOCATION_ID, p->ids, n);
	protobuf_numbers(&p->part, SAMPLE_VALUE, values, N_TYPES);
	put_label(p, "module", p->snap->modules[stack->module].name);
	put_label(p, "charge", charge_name(stack->charge));
	put_label(p, "kind", mem_kind_name(stack->kind));
	protobuf_message(&p->out, PROFILE_SAMPLE, &p->part);
	return 0;
}

/* What the recording could not show goes along; "pprof -comments" prints it. */
static int put_comments(struct profile *p, struct error *err)
{
	char *text = NULL, *line, *save = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret;

	if (!out)
		return error_set(err, -ENOMEM, "out of memory");
	fprintf(out, "modmem %s\n", MODMEM_VERSION);
	ret = view_marks(p->snap, p->opts->modules, out, err);
	if (!ret)
		ret = view_sentences(p->snap, p->opts->modules, out, err);
	if (memstream_close(out, &text) && !ret)
		ret = error_set(err, -ENOMEM, "out of memory");
	for (line = ret ? NULL : strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		protobuf_number(&p->out, PROFILE_COMMENT, text_id(p, line));
	free(text);
	return ret;
}

static int build(struct profile *p, struct error *err)
{
	const struct frame_parts kernel = { 0 };
	bool *selected = modules_select(p->snap, p->opts->modules, err);
	int ret = 0;

	if (!selected)
		return -ENOENT;
	for (size_t i = 0; i < N_TYPES; i++)
		put_type(p, PROFILE_SAMPLE_TYPE, sample_types[i].type,
			 sample_types[i].unit);
	mapping(p, &kernel);
	for (size_t i = 0; !ret && i < p->snap->n_stacks; i++)
		if (selected[p->snap->stacks[i].module] &&
		    stack_wanted(&p->snap->stacks[i], p->opts))
			ret = put_sample(p, &p->snap->stacks[i]);
	free(selected);
	if (ret)
		return error_set(err, ret, "out of memory");
	ret = put_comments(p, err);
	if (ret)
		return ret;
	put_type(p, PROFILE_PERIOD_TYPE, "space", "bytes");
	protobuf_number(&p->out, PROFILE_PERIOD, 1);
	/* no time_nanos: the trace clock does not tell the time of day */
	if (p->snap->clock_is_ns)
		protobuf_number(&p->out, PROFILE_DURATION_NANOS,
				positive(p->snap->end_ns - p->snap->start_ns));
	protobuf_number(&p->out, PROFILE_DEFAULT_SAMPLE_TYPE, text_id(p, "inuse_space"));
	for (size_t i = 0; i < strings_count(p->texts); i++)
		protobuf_string(&p->out, PROFILE_STRING_TABLE,
				strings_get(p->texts, (uint32_t)i));
	if (p->no_memory || p->out.no_memory)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

static int compress_to(const struct protobuf *pb, FILE *out)
{
	z_stream z = { .next_in = pb->data, .avail_in = (uInt)pb->len };
	unsigned char *packed;
	uLong room;

	if (pb->len > UINT32_MAX / 2)
		return -EFBIG;
	/* 15 bits of window, and 16: in gzip's format */
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	room = deflateBound(&z, (uLong)pb->len);
	packed = malloc(room);
	if (packed) {
		z.next_out = packed;
		z.avail_out = (uInt)room;
		deflate(&z, Z_FINISH);
		fwrite(packed, 1, z.total_out, out);
	}
	deflateEnd(&z);
	free(packed);
	return packed ? 0 : -ENOMEM;
}

int view_pprof(const struct snapshot *snap, const struct export_opts *opts,
	       FILE *out, struct error *err)
{
	struct profile p = {
		.snap = snap,
		.opts = opts,
		.texts = strings_new(),
		.locations = strings_new(),
		.functions = strings_new(),
		.mappings = strings_new(),
	};
	int ret = -ENOMEM;

	if (p.texts && p.locations && p.functions && p.mappings) {
		ret = build(&p, err);
		if (!ret)
			ret = compress_to(&p.out, out);
		if (ret == -EFBIG)
			error_set(err, ret, "the profile is too large; --module leaves modules out");
	}
	if (ret == -ENOMEM)
		error_set(err, ret, "out of memory");
	strings_free(p.texts);
	strings_free(p.locations);
	strings_free(p.functions);
	strings_free(p.mappings);
	protobuf_free(&p.out);
	protobuf_free(&p.part);
	protobuf_free(&p.inner);
	free(p.ids);
	return ret;
}
