// SPDX-License-Identifier: GPL-2.0-or-later
#include "rulefile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "readfile.h"

#define BLANKS " \t"

static int read_line(char *text, size_t len, const char *where,
		     rulefile_line_t line, void *arg, struct error *err)
{
	if (memchr(text, '\0', len))
		return error_set(err, -EINVAL, "%.200s: a NUL byte: this is no text file",
				 where);
	while (len && strchr(BLANKS "\r\n", text[len - 1]))
		text[--len] = '\0';
	text += strspn(text, BLANKS);
	if (!*text || *text == '#')
		return 0;
	return line(arg, text, where, err);
}

int rulefile_stream(FILE *file, const char *name, rulefile_line_t line,
		    void *arg, struct error *err)
{
	char *text = NULL, where[256];
	size_t room = 0;
	int ret = 0;

	for (unsigned int number = 1; !ret; number++) {
		ssize_t len;

		errno = 0;
		len = getline(&text, &room, file);
		if (len < 0) {
			if (ferror(file) || errno)
				ret = error_set(err, errno ? -errno : -EIO,
						"cannot read %.200s: %s", name,
						strerror(errno ? errno : EIO));
			break;
		}
		snprintf(where, sizeof(where), "%.200s:%u", name, number);
		if (len > (ssize_t)RULEFILE_LINE_MAX || number > RULEFILE_LINES_MAX)
			ret = error_set(err, -E2BIG, "%.220s: %s, this is no file of rules",
					where, number > RULEFILE_LINES_MAX ?
					"too many lines" : "a line that is too long");
		else
			ret = read_line(text, (size_t)len, where, line, arg, err);
	}
	free(text);
	return ret;
}

int rulefile_read(const char *path, rulefile_line_t line, void *arg,
		  struct error *err)
{
	size_t len;
	char *text = readfile(path, RULEFILE_MAX, "file of rules", &len, err);
	FILE *file;
	int ret = 0;

	if (!text)
		return -errno;
	file = len ? fmemopen(text, len, "r") : NULL;
	if (file) {
		ret = rulefile_stream(file, path, line, arg, err);
		fclose(file);
	} else if (len) {
		ret = error_set(err, -ENOMEM, "out of memory");
	}
	free(text);
	return ret;
}

char *rulefile_word(char **text)
{
	char *word = *text + strspn(*text, BLANKS);
	size_t len = strcspn(word, BLANKS);

	*text = word + len;
	if (!len)
		return NULL;
	if (word[len]) {
		word[len] = '\0';
		*text = word + len + 1;
		*text += strspn(*text, BLANKS);
	}
	return word;
}
