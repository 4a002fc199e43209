// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "error.h"
#include "units.h"

#define TRY " Try 'modmem help %s'."
#define OPTIONS_MAX 40u

void options_help(const struct optdesc *descs, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct optdesc *opt = &descs[i];
		char text[40];

		snprintf(text, sizeof(text), "%c%c%s --%s%s%s",
			 opt->value < OPT_FIRST ? '-' : ' ',
			 opt->value < OPT_FIRST ? opt->value : ' ',
			 opt->value < OPT_FIRST ? "," : " ", opt->name,
			 opt->arg ? " " : "", opt->arg ? opt->arg : "");
		fprintf(out, "  %-24s %s\n", text, opt->help);
	}
}

/* What getopt_long() did not understand, when it returned @result: before optind. */
static int bad_option(const struct optdesc *descs, size_t n, char **argv, int result,
		      struct error *err)
{
	const char *text = argv[optind - 1], *command = argv[0];

	if (result == ':')
		return error_set(err, -EINVAL, "option '%.60s' needs an argument." TRY,
				 text, command);
	for (size_t i = 0; i < n; i++)
		if (optopt && optopt == descs[i].value && text[0] == '-' && text[1] == '-')
			return error_set(err, -EINVAL, "option '--%s' takes no argument." TRY,
					 descs[i].name, command);
	if (optopt && optopt < OPT_FIRST)
		return error_set(err, -EINVAL, "unknown option '-%c'." TRY, optopt, command);
	return error_set(err, -EINVAL, "unknown or ambiguous option '%.60s'." TRY,
			 text, command);
}

int options_parse(const struct optdesc *descs, size_t n, bool stop, int argc, char **argv,
		  int (*set)(void *arg, int value, struct error *err), void *arg,
		  struct error *err)
{
	struct option options[OPTIONS_MAX + 1] = { 0 };
	char letters[2 * OPTIONS_MAX + 3];
	size_t len = (size_t)snprintf(letters, sizeof(letters), stop ? "+:" : ":");
	int value, ret;

	assert(n <= OPTIONS_MAX);
	for (size_t i = 0; i < n; i++) {
		options[i] = (struct option){
			.name = descs[i].name,
			.has_arg = descs[i].arg ? required_argument : no_argument,
			.val = descs[i].value,
		};
		if (descs[i].value < OPT_FIRST)
			len += (size_t)snprintf(letters + len, sizeof(letters) - len, "%c%s",
						descs[i].value, descs[i].arg ? ":" : "");
	}
	optind = 0;		/* start afresh */
	while ((value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (value == '?' || value == ':')
			return bad_option(descs, n, argv, value, err);
		ret = set(arg, value, err);
		if (ret)
			return ret;
	}
	return 0;
}

int options_choose(const char *command, const char *option, const char *text,
		   const char *(*name)(unsigned int i), struct error *err)
{
	char names[128] = "";
	size_t len = 0;

	for (unsigned int i = 0; name(i); i++) {
		if (!strcmp(name(i), text))
			return (int)i;
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
					i ? ", " : "", name(i));
	}
	return error_set(err, -EINVAL, "--%s is one of %s, not '%.60s'." TRY,
			 option, names, text, command);
}

int options_dir(const char *command, const char *option, const char *dir,
		const char **dirs, size_t *n, size_t max, struct error *err)
{
	if (*n == max)
		return error_set(err, -EINVAL, "--%s can be given %zu times." TRY, option,
				 max, command);
	dirs[(*n)++] = dir;
	return 0;
}

int options_modules(const char *command, const char *text, const char **list,
		    struct error *err)
{
	if (*list)
		return error_set(err, -EINVAL, "--module can be given once, with all names joined by commas: --module %.60s,%.60s." TRY,
				 *list, text, command);
	*list = text;
	return 0;
}

/* What --@option was given is not @what it takes: @ret says in which way. */
static int refuse(const char *command, const char *option, const char *what,
		  const char *text, const char *wrong, int ret, struct error *err)
{
	return error_set(err, ret, "--%s takes %s; '%.60s' is %s." TRY, option, what, text,
			 ret == -EINVAL ? "none" : wrong, command);
}

int options_number(const char *command, const char *option, const char *what,
		   const char *text, uint64_t least, uint64_t most, uint64_t *number,
		   struct error *err)
{
	uint64_t value = UINT64_MAX;
	int ret = number_parse(text, &value);

	if (!ret && (value < least || value > most))
		ret = -ERANGE;
	if (ret)
		return refuse(command, option, what, text,
			      value < least ? "too small" : "too large", ret, err);
	*number = value;
	return 0;
}

int options_duration(const char *command, const char *option, const char *what,
		     const char *text, int64_t least, int64_t most, int64_t *ns,
		     struct error *err)
{
	int64_t value = INT64_MAX;
	bool relative;
	int ret = time_parse(text, &value, &relative);

	if (relative)
		ret = -EINVAL;
	if (!ret && (value < least || value > most))
		ret = -ERANGE;
	if (ret)
		return refuse(command, option, what, text,
			      value < least ? "too short" : "too long", ret, err);
	*ns = value;
	return 0;
}

int options_size(const char *command, const char *option, const char *text,
		 uint64_t *bytes, struct error *err)
{
	int ret = size_parse(text, bytes);

	return ret ? refuse(command, option, "a size such as 4096, 16K or 1.5M", text,
			    "too large", ret, err) : 0;
}

int options_time(const char *command, const char *option, const char *text,
		 int64_t *ns, bool *relative, struct error *err)
{
	int ret = time_parse(text, ns, relative);

	return ret ? refuse(command, option, "a time such as 33.25, 250ms or +1.5", text,
			    "too large", ret, err) : 0;
}
