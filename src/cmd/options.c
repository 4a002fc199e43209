// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "units.h"

#define TRY " Try 'modmem help %s'."

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

void options_long(const struct optdesc *descs, size_t n, struct option *options)
{
	for (size_t i = 0; i < n; i++)
		options[i] = (struct option){
			.name = descs[i].name,
			.has_arg = descs[i].arg ? required_argument : no_argument,
			.val = descs[i].value,
		};
	options[n] = (struct option){ 0 };
}

/* What is wrong stands before optind. */
int options_bad(const struct optdesc *descs, size_t n, char **argv, int result,
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

int options_time(const char *command, const char *option, const char *text,
		 int64_t *ns, bool *relative, struct error *err)
{
	int ret = time_parse(text, ns, relative);

	if (ret)
		return error_set(err, ret, "--%s takes a time such as 33.25, 250ms or +1.5; '%.60s' is %s." TRY,
				 option, text, ret == -ERANGE ? "too large" : "none",
				 command);
	return 0;
}
