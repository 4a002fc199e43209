// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "error.h"
#include "units.h"

#define TRY " Try 'modmem help %s'."

/* What getopt_long() returns for option i: above all letters. */
#define OPT_FIRST 256

void options_help(const struct opttable *table, FILE *out)
{
	fputs(table->usage, out);
	if (table->n)
		fputs("\nOptions:\n", out);
	for (size_t i = 0; i < table->n; i++) {
		const struct optdesc *opt = &table->desc[i];
		char text[40];

		snprintf(text, sizeof(text), "%c%c%s --%s%s%s%s", opt->letter ? '-' : ' ',
			 opt->letter ? opt->letter : ' ', opt->letter ? "," : " ", opt->name,
			 opt->optional ? "[=" : opt->arg ? " " : "", opt->arg ? opt->arg : "",
			 opt->optional ? "]" : "");
		fprintf(out, "  %-24s %s\n", text, opt->help);
	}
	if (table->more)
		fprintf(out, "\n%s", table->more);
}

/* What getopt_long() did not understand, when it returned @result: before optind. */
static int bad_option(const struct opttable *table, char **argv, int result, struct error *err)
{
	const char *text = argv[optind - 1], *command = argv[0];

	if (result == ':')
		return error_set(err, -EINVAL, "option '%.60s' needs an argument." TRY,
				 text, command);
	if (optopt >= OPT_FIRST)
		return error_set(err, -EINVAL, "option '--%s' takes no argument." TRY,
				 table->desc[optopt - OPT_FIRST].name, command);
	if (optopt)
		return error_set(err, -EINVAL, "unknown option '-%c'." TRY, optopt, command);
	return error_set(err, -EINVAL, "unknown or ambiguous option '%.60s'." TRY,
			 text, command);
}

/* What --@option was given is not @what it takes: @ret says in which way. */
static int refuse(const char *command, const char *option, const char *what,
		  const char *text, const char *wrong, int ret, struct error *err)
{
	return error_set(err, ret, "--%s takes %s; '%.60s' is %s." TRY, option, what, text,
			 ret == -EINVAL ? "none" : wrong, command);
}

/* The place of the @len bytes at @text among the names, or -EINVAL with all of them in @err. */
static int choose(const struct optdesc *opt, const char *command, const char *text, size_t len,
		  struct error *err)
{
	const char *name;
	char names[128] = "";
	size_t end = 0;

	for (unsigned int i = 0; (name = opt->names(i)); i++) {
		if (strlen(name) == len && !strncmp(name, text, len))
			return (int)i;
		end += (size_t)snprintf(names + end, sizeof(names) - end, "%s%s",
					i ? ", " : "", name);
	}
	return error_set(err, -EINVAL, "--%s is one of %s, not '%.*s'." TRY, opt->name, names,
			 len > 60 ? 60 : (int)len, text, command);
}

static int choose_bits(const struct optdesc *opt, const char *command, const char *text,
		       unsigned int *bits, struct error *err)
{
	for (const char *item = text; item;) {
		size_t len = strcspn(item, ",");
		int choice = choose(opt, command, item, len, err);

		if (choice < 0)
			return choice;
		*bits |= 1u << choice;
		item = item[len] ? item + len + 1 : NULL;
	}
	return 0;
}

static int number(const struct optdesc *opt, const char *command, const char *text,
		  uint64_t *field, struct error *err)
{
	uint64_t value = UINT64_MAX;
	int ret = number_parse(text, &value);

	if (!ret && (value < opt->least || value > opt->most))
		ret = -ERANGE;
	if (ret)
		return refuse(command, opt->name, opt->what, text,
			      value < opt->least ? "too small" : "too large", ret, err);
	*field = value;
	return 0;
}

static int duration(const struct optdesc *opt, const char *command, const char *text,
		    int64_t *field, struct error *err)
{
	int64_t value = INT64_MAX;
	bool relative;
	int ret = time_parse(text, &value, &relative);

	if (relative)
		ret = -EINVAL;
	if (!ret && (value < (int64_t)opt->least || value > (int64_t)opt->most))
		ret = -ERANGE;
	if (ret)
		return refuse(command, opt->name, opt->what, text,
			      value < (int64_t)opt->least ? "too short" : "too long", ret, err);
	*field = value;
	return 0;
}

int options_size(const char *command, const char *option, const char *text,
		 uint64_t *bytes, struct error *err)
{
	int ret = size_parse(text, bytes);

	return ret ? refuse(command, option, "a size such as 4096, 16K or 1.5M", text,
			    "too large", ret, err) : 0;
}

/* One more of a list of at most opt->most. */
static int add_dir(const struct optdesc *opt, const char *command, const char *text,
		   const char **dirs, size_t *n, struct error *err)
{
	if (*n == opt->most)
		return error_set(err, -EINVAL, "--%s can be given %zu times." TRY, opt->name,
				 *n, command);
	dirs[(*n)++] = text;
	return 0;
}

/* Takes @text, NULL if there is none, into the field of @args. */
static int take(const struct optdesc *opt, const char *command, const char *text, char *args,
		struct error *err)
{
	void *field = args + opt->offset, *also = args + opt->also;
	int ret;

	switch (opt->kind) {
	case OPT_FLAG:
		*(bool *)field = true;
		break;
	case OPT_SET:
		*(unsigned int *)field = opt->value;
		break;
	case OPT_CHOICE:
		ret = choose(opt, command, text, strlen(text), err);
		if (ret < 0)
			return ret;
		*(unsigned int *)field = (unsigned int)ret;
		break;
	case OPT_BITS:
		return choose_bits(opt, command, text, field, err);
	case OPT_NUMBER:
		if (text)
			return number(opt, command, text, field, err);
		*(uint64_t *)field = opt->value;
		break;
	case OPT_DURATION:
		return duration(opt, command, text, field, err);
	case OPT_SIZE:
		return options_size(command, opt->name, text, field, err);
	case OPT_TIME:
		ret = time_parse(text, field, also);
		return ret ? refuse(command, opt->name, "a time such as 33.25, 250ms or +1.5",
				    text, "too large", ret, err) : 0;
	case OPT_DIRS:
		return add_dir(opt, command, text, field, also, err);
	case OPT_MODULES:
		/* the first would be dropped, and what it names looked at no more */
		if (*(const char **)field)
			return error_set(err, -EINVAL, "--%s can be given once, with all names joined by commas: --%s %.60s,%.60s." TRY,
					 opt->name, opt->name, *(const char **)field, text,
					 command);
		/* fall through */
	case OPT_STRING:
		*(const char **)field = text;
		break;
	case OPT_CALL:
		return opt->call(field, command, text, err);
	}
	return 0;
}

bool options_given(const struct opttable *table, uint64_t given, const char *name)
{
	for (size_t i = 0; i < table->n; i++)
		if (!strcmp(table->desc[i].name, name))
			return given >> i & 1;
	assert(!"an option that the table has");
	return false;
}

static int check_exclude(const struct opttable *table, const char *command, uint64_t given,
			 struct error *err)
{
	for (const char *(*pair)[2] = table->exclude; pair && (*pair)[0]; pair++)
		if (options_given(table, given, (*pair)[0]) &&
		    options_given(table, given, (*pair)[1]))
			return error_set(err, -EINVAL, "--%s and --%s exclude each other." TRY,
					 (*pair)[0], (*pair)[1], command);
	return 0;
}

int options_parse(const struct opttable *table, int argc, char **argv, void *args,
		  uint64_t *given, struct error *err)
{
	struct option options[OPTIONS_MAX + 1] = { 0 };
	char letters[2 * OPTIONS_MAX + 3];
	size_t len = (size_t)snprintf(letters, sizeof(letters), table->stop ? "+:" : ":");
	size_t index[OPT_FIRST] = { 0 };	/* of a letter */
	int value, ret;

	assert(table->n <= OPTIONS_MAX);
	for (size_t i = 0; i < table->n; i++) {
		const struct optdesc *opt = &table->desc[i];

		options[i] = (struct option){
			.name = opt->name,
			.has_arg = opt->optional ? optional_argument :
				   opt->arg ? required_argument : no_argument,
			.val = OPT_FIRST + (int)i,
		};
		index[opt->letter] = i;
		if (opt->letter)
			len += (size_t)snprintf(letters + len, sizeof(letters) - len, "%c%s",
						opt->letter, opt->arg ? ":" : "");
	}
	*given = 0;
	optind = 0;		/* start afresh */
	while ((value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		size_t i = value >= OPT_FIRST ? (size_t)value - OPT_FIRST : index[value];

		if (value == '?' || value == ':')
			return bad_option(table, argv, value, err);
		*given |= UINT64_C(1) << i;
		ret = take(&table->desc[i], argv[0], optarg, args, err);
		if (ret)
			return ret;
	}
	return options_given(table, *given, "help") ?
	       0 : check_exclude(table, argv[0], *given, err);
}
