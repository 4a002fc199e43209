// SPDX-License-Identifier: GPL-2.0-or-later
#include "suppress.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "allocfn.h"
#include "error.h"
#include "modname.h"
#include "rulefile.h"

#define KEYWORD "suppress"
#define FORM "suppress MODULE[:FUNCTION] [kind=KIND] [via=CALL] [until=YYYY-MM-DD] reason=TEXT"
#define NO_SYMBOL "?"
#define NAME_MAX_LEN 512

bool suppress_module_fits(const char *pattern, const char *module)
{
	char p[NAME_MAX_LEN], m[NAME_MAX_LEN];

	if (!strcmp(pattern, module))
		return true;
	if (*module == '[' || !strcmp(pattern, "[kernel]") || !strcmp(pattern, "[unknown]"))
		return false;
	modname_set(p, sizeof(p), pattern, strlen(pattern));
	modname_set(m, sizeof(m), module, strlen(module));
	return !fnmatch(p, m, 0);
}

bool suppress_function_fits(const char *pattern, const char *function)
{
	char plain[NAME_MAX_LEN], wanted[NAME_MAX_LEN];

	if (!function)
		return !strcmp(pattern, NO_SYMBOL) || !strcmp(pattern, "*");
	allocfn_plain(function, plain, sizeof(plain));
	if (!fnmatch(pattern, plain, 0))
		return true;
	/* written as it stands in a stack, suffixes and all */
	return !strcmp(allocfn_plain(pattern, wanted, sizeof(wanted)), plain);
}

/* A day of the calendar, as YYYY-MM-DD. */
static bool is_date(const char *text)
{
	static const unsigned int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned int year, month, day;

	for (size_t i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? text[i] != '-' : !isdigit((unsigned char)text[i]))
			return false;
	if (text[10] || sscanf(text, "%4u-%2u-%2u", &year, &month, &day) != 3)
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	return month != 2 || day < 29 || (year % 4 == 0 && (year % 100 || year % 400 == 0));
}

char *suppress_today(char buf[11])
{
	time_t now = time(NULL);
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(buf, 11, "%Y-%m-%d", &tm))
		snprintf(buf, 11, "9999-12-31");	/* better too late than never */
	return buf;
}

static int find_kind(const char *name)
{
	for (int i = 0; i < KIND_MAX; i++)
		if (!strcmp(mem_kind_name((enum mem_kind)i), name))
			return i;
	return -1;
}

static int bad(const char *where, const char *what, const char *text, struct error *err)
{
	return error_set(err, -EINVAL, "%.200s: %s '%.60s'; a suppression is: " FORM,
			 where, what, text);
}

bool suppress_is_rule(const char *text)
{
	size_t len = strlen(KEYWORD);

	return !strncmp(text, KEYWORD, len) &&
	       (!text[len] || text[len] == ' ' || text[len] == '\t');
}

/* Takes "key=" off the beginning of @word; NULL: it does not begin so. */
static char *value_of(char *word, const char *key)
{
	size_t len = strlen(key);

	return strncmp(word, key, len) || word[len] != '=' ? NULL : word + len + 1;
}

static int parse(struct suppression *rule, char *text, const char *where,
		 struct error *err)
{
	char *word, *value, *colon;

	rulefile_word(&text);		/* the keyword */
	rule->module = rulefile_word(&text);
	if (!rule->module)
		return bad(where, "no module after", KEYWORD, err);
	colon = strchr(rule->module, ':');
	if (colon) {
		*colon = '\0';
		rule->function = colon + 1;
		if (!*rule->function)
			return bad(where, "no function after", rule->module, err);
	}
	if (!*rule->module)
		return bad(where, "no module in", rule->function, err);
	while (*text && strncmp(text, "reason=", 7)) {
		word = rulefile_word(&text);
		value = value_of(word, "kind");
		if (value) {
			rule->kind = find_kind(value);
			if (rule->kind < 0)
				return bad(where, "there is no kind", value, err);
			continue;
		}
		value = value_of(word, "via");
		if (value && *value) {
			rule->via = value;
			continue;
		}
		value = value_of(word, "until");
		if (!value)
			return bad(where, "not understood:", word, err);
		if (!is_date(value))
			return bad(where, "no day as YYYY-MM-DD:", value, err);
		rule->until = value;
	}
	rule->reason = *text ? text + 7 + strspn(text + 7, " \t") : NULL;
	if (!rule->reason || !*rule->reason)
		return bad(where, "no reason for", rule->module, err);
	return 0;
}

static struct suppression *new_rule(struct suppressions *s)
{
	struct suppression *rule;

	if (s->n == s->room) {
		size_t room = s->room ? s->room * 2 : 16;

		rule = realloc(s->rule, room * sizeof(*rule));
		if (!rule)
			return NULL;
		s->rule = rule;
		s->room = room;
	}
	rule = &s->rule[s->n];
	*rule = (struct suppression){ .kind = -1 };
	return rule;
}

int suppress_add(struct suppressions *s, char *text, const char *where,
		 const char *today, struct error *err)
{
	struct suppression *rule = new_rule(s);
	char *copy = NULL;
	size_t len = strlen(where) + 1;
	int ret;

	/* where it stands, and behind that all the rest */
	if (!rule || !(copy = malloc(len + strlen(text) + 1)))
		return error_set(err, -ENOMEM, "out of memory");
	memcpy(copy, where, len);
	strcpy(copy + len, text);
	rule->where = copy;
	ret = parse(rule, copy + len, where, err);
	if (!ret && rule->until && strcmp(rule->until, today) < 0)
		ret = error_set(err, -ETIME,
				"%.200s: the suppression of %.60s%s%.60s expired on %s (%.60s): renew it or remove it",
				where, rule->module, rule->function ? ":" : "",
				rule->function ? rule->function : "", rule->until,
				rule->reason);
	if (ret)
		free(copy);
	else
		s->n++;
	return ret;
}

struct reading {
	struct suppressions *s;
	const char *today;
};

static int read_rule(void *arg, char *text, const char *where, struct error *err)
{
	struct reading *r = arg;

	if (!suppress_is_rule(text))
		return bad(where, "not understood:", text, err);
	return suppress_add(r->s, text, where, r->today, err);
}

int suppress_read(struct suppressions *s, const char *path, const char *today,
		  struct error *err)
{
	struct reading r = { s, today };

	return rulefile_read(path, read_rule, &r, err);
}

static bool fits(const struct suppression *rule, const struct suppress_what *what)
{
	char via[NAME_MAX_LEN];

	if (!suppress_module_fits(rule->module, what->module))
		return false;
	if (!what->site)
		return !rule->function && !rule->via && rule->kind < 0;
	if (rule->function && !suppress_function_fits(rule->function, what->function))
		return false;
	if (rule->kind >= 0 && rule->kind != what->kind)
		return false;
	return !rule->via ||
	       (what->via && !fnmatch(rule->via, allocfn_plain(what->via, via, sizeof(via)), 0));
}

struct suppression *suppress_find(struct suppressions *s,
				  const struct suppress_what *what)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!fits(&s->rule[i], what))
			continue;
		s->rule[i].used++;
		return &s->rule[i];
	}
	return NULL;
}

void suppress_free(struct suppressions *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->rule[i].where);
	free(s->rule);
	*s = (struct suppressions){ 0 };
}
