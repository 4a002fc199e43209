/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textsyms.h - addresses for code that a text log only names
 *
 * All of modmem works on addresses. A log has names, so each function that it
 * names is given a place, those of one module side by side, and a kallsyms
 * that says so. While the log is read, code is a token; where it lies is known
 * when all names are.
 */
#ifndef MODMEM_SOURCE_TEXTSYMS_H
#define MODMEM_SOURCE_TEXTSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "textline.h"

struct kallsyms_line;
struct textsyms;

struct textsyms *textsyms_new(void);
void textsyms_free(struct textsyms *ts);

/* The token of @code, 0: no memory, or more names than a kernel has. */
uint64_t textsyms_token(struct textsyms *ts, const struct textcode *code);

/* Same function, and @frame has no offset: it is taken from @site. */
bool textsyms_same_function(const struct textsyms *ts, uint64_t frame, uint64_t site);

/*
 * The token for @frame, which is in the same function as @site; *@tells: it says where
 * that is, which the site does not.
 */
uint64_t textsyms_join(struct textsyms *ts, uint64_t frame, uint64_t site, bool *tells);

/*
 * A text of /proc/modules: where modules lie. To be given before the log is read.
 * 0 or -ENOMEM.
 */
int textsyms_modules(struct textsyms *ts, const char *text, size_t len);

/* The function of @token is a module's init: the kernel called it as such. */
void textsyms_is_init(struct textsyms *ts, uint64_t token);

bool textsyms_is(const struct textsyms *ts, uint64_t token, const char *name);

/* In the end: the name of @token is that of several, and does not say which. */
bool textsyms_is_untold(const struct textsyms *ts, uint64_t token);

/* Code that has no name, so far; in the end: that nothing gave one. */
bool textsyms_is_bare(const struct textsyms *ts, uint64_t token);

/*
 * The stack of @n frames, innermost first, is that of an event whose call site is
 * @site, which is bare: they may name it. A frame that has no offset is replaced
 * by it where both are the same. Returns if the call site's frame is among them.
 */
bool textsyms_stack(struct textsyms *ts, uint64_t site, uint64_t *frames, size_t n);

/*
 * A line of /proc/kallsyms: names bare addresses, and says which module a name is of
 * that the log has without one. To be given before the log is read. 0 or -ENOMEM.
 */
int textsyms_learn(struct textsyms *ts, const struct kallsyms_line *k);

/*
 * Gives every function its place. A name without a module belongs to the one
 * module that the log gives it elsewhere, if there is one. 0 or -ENOMEM.
 */
int textsyms_place(struct textsyms *ts);

/* Address of @token, after textsyms_place(). */
uint64_t textsyms_address(const struct textsyms *ts, uint64_t token);

/* Text like /proc/kallsyms; free() it. NULL: no memory. */
char *textsyms_kallsyms(const struct textsyms *ts, size_t *len);

/* Some code has no offset. */
bool textsyms_lacks_offsets(const struct textsyms *ts);

/* Code has its name from the given kallsyms only, and nothing that was compared fits. */
bool textsyms_given_unseen(const struct textsyms *ts);

/* The given kallsyms has other names for call sites than the stacks: not used. */
bool textsyms_given_differs(const struct textsyms *ts);

/* Functions without offset that may be of several modules, or the kernel's. */
uint64_t textsyms_ambiguous(const struct textsyms *ts);

#endif
