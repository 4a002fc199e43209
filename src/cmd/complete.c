// SPDX-License-Identifier: GPL-2.0-or-later
#include "complete.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "command.h"
#include "options.h"
#include "view.h"

void complete_add(const struct completion *c, const char *text, const char *help)
{
	const char *begun = c->word + c->kept;

	for (const char *p = text; *p; p++)
		if (!isgraph((unsigned char)*p))
			return;		/* nothing that a line could hold */
	if (!strncmp(text, begun, strlen(begun)))
		fprintf(c->out, "%.*s%s%s%s\n", (int)c->kept, c->word, text, help ? "\t" : "",
			help ? help : "");
}

/* Offers the first word of each line of a file, or all words: without the brackets of a choice. */
static void add_words_of(const struct completion *c, const char *path, bool all)
{
	char line[4096];
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file))
		for (char *save, *word = strtok_r(line, " []\n", &save); word;
		     word = all ? strtok_r(NULL, " []\n", &save) : NULL)
			complete_add(c, word, NULL);
	if (file)
		fclose(file);
}

static void add_modules(const struct completion *c)
{
	add_words_of(c, "/proc/modules", false);
}

void suggest_clocks(const struct completion *c)
{
	add_words_of(c, "/sys/kernel/tracing/trace_clock", true);
}

void suggest_columns(const struct completion *c)
{
	enum view_by by = VIEW_BY_MODULE;
	const char *name, *help;

	for (size_t i = 1; i < c->n; i++) {
		const char *text = !strncmp(c->words[i], "--by=", 5) ? c->words[i] + 5 :
				   !strcmp(c->words[i - 1], "--by") ? c->words[i] : "";

		for (enum view_by k = VIEW_BY_MODULE; view_by_name(k); k++)
			by = strcmp(text, view_by_name(k)) ? by : k;
	}
	for (size_t i = 0; (name = view_column_name(by, i, &help)); i++)
		complete_add(c, name, help);
}

static void add_commands(const struct completion *c)
{
	for (const struct command *const *cmd = command_table(); *cmd; cmd++)
		complete_add(c, (*cmd)->name, (*cmd)->summary);
}

/* What the option's value, which begins at c->kept, can be. */
static void add_values(struct completion *c, const struct optdesc *opt)
{
	if (opt->list || opt->kind == OPT_BITS || opt->kind == OPT_MODULES) {
		const char *comma = strrchr(c->word + c->kept, ',');

		/* "+COLUMN" adds to the default */
		if (comma)
			c->kept = (size_t)(comma + 1 - c->word);
		else if (opt->suggest && c->word[c->kept] == '+')
			c->kept++;
		fputs(":nospace\n", c->out);
	}
	for (unsigned int i = 0; opt->names && opt->names(i); i++)
		complete_add(c, opt->names(i), NULL);
	for (const char *p = opt->words; p && *p; p += strspn(p, " ")) {
		char word[16];
		size_t len = strcspn(p, " ");

		snprintf(word, sizeof(word), "%.*s", (int)len, p);
		complete_add(c, word, NULL);
		p += len;
	}
	if (opt->kind == OPT_MODULES)
		add_modules(c);
	else if (opt->suggest)
		opt->suggest(c);
	else if (!strcmp(opt->arg, "FILE"))
		fputs(":files\n", c->out);
	else if (!strcmp(opt->arg, "DIR"))
		fputs(":dirs\n", c->out);
}

static void add_options(const struct completion *c, const struct opttable *table)
{
	char text[40];

	for (size_t i = 0; i < table->n; i++) {
		const struct optdesc *opt = &table->desc[i];

		snprintf(text, sizeof(text), "-%c", opt->letter);
		if (opt->letter)
			complete_add(c, text, opt->help);
		snprintf(text, sizeof(text), "--%s", opt->name);
		complete_add(c, text, opt->help);
	}
}

/*
 * The option whose value comes next, after the word @text, or NULL. As getopt_long(3):
 * names may be cut short, letters stand together.
 */
static const struct optdesc *wants_value(const struct opttable *table, const char *text)
{
	const struct optdesc *found = NULL;
	size_t len = strlen(text);

	if (text[0] == '-' && text[1] == '-') {
		for (size_t i = 0; i < table->n; i++)
			if (!strncmp(table->desc[i].name, text + 2, len - 2) &&
			    (!found || strlen(table->desc[i].name) == len - 2))
				found = &table->desc[i];
		return found && found->arg && !found->optional ? found : NULL;
	}
	for (const char *p = text + 1; *p; p++)
		for (size_t i = 0; i < table->n; i++)
			if (table->desc[i].letter == *p && table->desc[i].arg)
				return p[1] ? NULL : &table->desc[i];
	return NULL;
}

static void add_operands(const struct completion *c, const struct command *cmd)
{
	const char *operands = cmd->options->operands;

	if (cmd == &cmd_help && c->n == 1)
		add_commands(c);
	if (!operands)
		return;
	if (!strcmp(operands, "MODULE"))
		add_modules(c);
	if (strcmp(operands, "COMMAND"))
		fputs(":files\n", c->out);
	else
		fprintf(c->out, ":command %zu\n", c->n);
}

static void complete_of(struct completion *c, const struct command *cmd)
{
	const struct opttable *table = cmd->options;
	const struct optdesc *opt = NULL;
	const char *equals = strchr(c->word, '=');
	bool operands = false;
	char name[40];

	for (size_t i = 1; i < c->n; i++) {
		const char *text = c->words[i];

		if (opt || operands) {
			opt = NULL;
			continue;
		}
		operands = !strcmp(text, "--");
		if (table->stop && (operands || *text != '-')) {
			fprintf(c->out, ":command %zu\n", i + operands);
			return;
		}
		if (!operands && *text == '-')
			opt = wants_value(table, text);
	}
	if (opt) {
		add_values(c, opt);
	} else if (operands || *c->word != '-') {
		add_operands(c, cmd);
	} else if (equals) {
		snprintf(name, sizeof(name), "%.*s", (int)(equals - c->word), c->word);
		opt = c->word[1] == '-' ? wants_value(table, name) : NULL;
		c->kept = (size_t)(equals + 1 - c->word);
		if (opt)
			add_values(c, opt);
	} else {
		add_options(c, table);
	}
}

void complete(int argc, char **argv, FILE *out)
{
	char none[] = "";
	struct completion c = {
		.words = argv,
		.n = argc > 0 ? (size_t)argc - 1 : 0,
		.word = argc > 0 ? argv[argc - 1] : none,
		.out = out,
	};
	const struct command *cmd = c.n ? command_find(argv[0]) : NULL;
	static const struct optdesc common[] = {
		{ 'h', "help", NULL, "an overview", .kind = OPT_FLAG },
		{ 'V', "version", NULL, "the version of modmem", .kind = OPT_FLAG },
	};
	static const struct opttable none_yet = { OPTIONS(common) };

	if (cmd)
		complete_of(&c, cmd);
	else if (!c.n && *c.word == '-')
		add_options(&c, &none_yet);
	else if (!c.n)
		add_commands(&c);
}
