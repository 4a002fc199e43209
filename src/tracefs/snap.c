// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snap.c - see record_snap.h
 *
 * A module may be gone again some milliseconds after its load, so its symbols
 * are wanted quickly. Most of /proc/kallsyms is the kernel itself, which does
 * not change and comes first: a file that has been read up to shortly before
 * the first module's symbol is kept ready, the rest takes no time.
 */
#include "record_snap.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zstd.h>

#include "buildid.h"
#include "companion.h"
#include "inittext.h"
#include "kallsyms.h"
#include "modimports.h"
#include "procmem.h"
#include "readfile.h"
#include "record_files.h"

#define PACK_FROM	4096u		/* bytes */
#define PACK_LEVEL	3
#define KALLSYMS	"/proc/kallsyms"
/* what the kernel formats ahead of what is read: a page, 64K at most */
#define READ_AHEAD	(2u * 65536)
#define READ_TRIES	3u	/* of a text that changes meanwhile */

struct snaps {
	int fd;
	int code;		/* first error */
	pthread_mutex_t lock;
	int symbols;		/* KALLSYMS, read up to @core; -1: none */
	size_t core;		/* offset of what modules may have changed */
	void (*sink)(void *arg, const char *name, uint64_t ts, const void *data,
		     size_t len);	/* NULL: write */
	int (*write)(void *arg, const void *head, size_t head_len, const void *data,
		     size_t len);
	void *arg;			/* of sink or write */
	struct loaded_module *wanted;	/* whose files are still to be read */
	size_t n_wanted;
};

struct snaps *snaps_new_writer(int (*write)(void *arg, const void *head, size_t head_len,
					    const void *data, size_t len),
			       void *arg)
{
	struct snaps *sn = calloc(1, sizeof(*sn));

	if (!sn)
		return NULL;
	sn->fd = sn->symbols = -1;
	sn->write = write;
	sn->arg = arg;
	pthread_mutex_init(&sn->lock, NULL);
	return sn;
}

static int to_file(void *arg, const void *head, size_t head_len, const void *data, size_t len)
{
	const struct snaps *sn = arg;
	off_t start = lseek(sn->fd, 0, SEEK_END);
	int ret = fd_write(sn->fd, head, head_len);

	if (!ret)
		ret = fd_write(sn->fd, data, len);
	/* half an item would hide those behind it */
	if (ret && start >= 0 && ftruncate(sn->fd, start))
		return -errno;
	return ret;
}

struct snaps *snaps_new(int fd)
{
	struct snaps *sn = snaps_new_writer(to_file, NULL);

	if (!sn)
		return NULL;
	sn->fd = fd;
	sn->arg = sn;
	return sn;
}

struct snaps *snaps_new_sink(void (*sink)(void *arg, const char *name, uint64_t ts,
					  const void *data, size_t len),
			     void *arg)
{
	struct snaps *sn = snaps_new_writer(NULL, arg);

	if (sn)
		sn->sink = sink;
	return sn;
}

int snaps_free(struct snaps *sn)
{
	int code;

	if (!sn)
		return 0;
	code = sn->code;
	if (sn->fd >= 0 && close(sn->fd) && !code)
		code = -errno;
	if (sn->symbols >= 0)
		close(sn->symbols);
	free(sn->wanted);
	pthread_mutex_destroy(&sn->lock);
	free(sn);
	return code;
}

int snaps_error(struct snaps *sn)
{
	int code;

	pthread_mutex_lock(&sn->lock);
	code = sn->code;
	pthread_mutex_unlock(&sn->lock);
	return code;
}

/* An item is not there that should be: the first reason counts. */
static void failed(struct snaps *sn, int code)
{
	pthread_mutex_lock(&sn->lock);
	if (!sn->code)
		sn->code = code;
	pthread_mutex_unlock(&sn->lock);
}

/*
 * A file could not be read (errno). What this kernel does not have or does not show
 * is no item, and its absence says so.
 */
static void unread(struct snaps *sn)
{
	if (errno != ENOENT && errno != ENODEV && errno != EACCES && errno != EPERM)
		failed(sn, errno ? -errno : -EIO);
}

/* ---- items ------------------------------------------------------------------------ */

static uint8_t *put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	while (bytes--) {
		*at++ = (uint8_t)value;
		value >>= 8;
	}
	return at;
}

/*
 * With zstd's own checksum, which unpacking checks. 0: not possible, or no smaller,
 * and it is stored as it is.
 */
static size_t pack(void *to, size_t room, const void *data, size_t len)
{
	ZSTD_CCtx *cctx = ZSTD_createCCtx();
	size_t packed;

	if (!cctx)
		return 0;
	ZSTD_CCtx_setParameter(cctx, ZSTD_c_compressionLevel, PACK_LEVEL);
	ZSTD_CCtx_setParameter(cctx, ZSTD_c_checksumFlag, 1);
	packed = ZSTD_compress2(cctx, to, room, data, len);
	ZSTD_freeCCtx(cctx);
	/* equal sizes would say that it is not compressed */
	return ZSTD_isError(packed) || packed >= len ? 0 : packed;
}

void snaps_add(struct snaps *sn, const char *name, uint64_t ts,
	       const void *data, size_t len)
{
	size_t name_len = strlen(name), packed_len = 0;
	uint8_t head[4 + 256 + 3 * 8], *at = head;
	void *packed = NULL;
	int ret;

	if (sn->sink) {
		pthread_mutex_lock(&sn->lock);
		sn->sink(sn->arg, name, ts, data, len);
		pthread_mutex_unlock(&sn->lock);
		return;
	}
	if (name_len > 256)
		name_len = 256;
	if (len >= PACK_FROM) {
		size_t bound = ZSTD_compressBound(len);

		packed = malloc(bound);
		packed_len = packed ? pack(packed, bound, data, len) : 0;
		if (!packed_len) {
			free(packed);
			packed = NULL;
		}
	}
	at = put(at, name_len, 4);
	memcpy(at, name, name_len);
	at = put(at + name_len, ts, 8);
	at = put(at, packed ? packed_len : len, 8);
	at = put(at, len, 8);

	if (packed) {
		data = packed;
		len = packed_len;
	}
	pthread_mutex_lock(&sn->lock);
	ret = sn->write(sn->arg, head, (size_t)(at - head), data, len);
	if (ret && !sn->code)
		sn->code = ret;
	pthread_mutex_unlock(&sn->lock);
	free(packed);
}

/* The number of @bytes bytes at @at. */
static uint64_t get(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* All @len bytes at @at: 1; fewer: 0; a negative errno. */
static int read_whole(int fd, void *to, size_t len, off_t at)
{
	ssize_t n = pread(fd, to, len, at);

	return n < 0 ? -errno : n == (ssize_t)len;
}

int snaps_repair(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END), at = 0;

	if (end < 0)
		return -errno;
	while (at < end) {
		uint8_t name_len[4], sizes[3 * 8];
		uint64_t next;
		int ret = read_whole(fd, name_len, sizeof(name_len), at);

		if (!ret)
			break;
		next = (uint64_t)at + 4 + get(name_len, 4);
		if (ret > 0 && next > (uint64_t)end)
			break;
		if (ret > 0)
			ret = read_whole(fd, sizes, sizeof(sizes), (off_t)next);
		/* what cannot be read is not to be cut off */
		if (ret < 0)
			return ret;
		if (!ret)
			break;
		next += sizeof(sizes);
		if (get(sizes + 8, 8) > (uint64_t)end - next)
			break;
		at = (off_t)(next + get(sizes + 8, 8));
	}
	return at < end && ftruncate(fd, at) ? -errno : 0;
}

void snaps_printf(struct snaps *sn, const char *name, uint64_t ts,
		  const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0) {
		failed(sn, -ENOMEM);
		return;
	}
	snaps_add(sn, name, ts, text, (size_t)len);
	free(text);
}

void snaps_file(struct snaps *sn, const char *name, uint64_t ts,
		const char *path)
{
	size_t len;
	char *text = file_read(path, &len);

	if (text)
		snaps_add(sn, name, ts, text, len);
	else
		unread(sn);
	free(text);
}

void snaps_memory(struct snaps *sn, const char *when, uint64_t ts)
{
	static const char *const files[] = {
		/* large, where there is one: it is read farthest from the events */
		"allocinfo",
		"sys/vm/mem_profiling", "meminfo", "slabinfo", "vmallocinfo", "zoneinfo",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char name[64], path[64];
		const char *base = strrchr(files[i], '/');

		snprintf(name, sizeof(name), "%s@%s", base ? base + 1 : files[i], when);
		snprintf(path, sizeof(path), "/proc/%s", files[i]);
		snaps_file(sn, name, ts, path);
	}
}

/* ---- modules ---------------------------------------------------------------------- */

/* That of the file at @path with ELF notes, as an item for @name; @hex is "": has none. */
static void add_build_id(struct snaps *sn, const char *name, const char *path,
			 char hex[BUILDID_TEXT])
{
	char item[320];
	size_t len;
	char *notes = file_read(path, &len);

	if (!notes)
		unread(sn);
	if (notes && buildid_find((uint8_t *)notes, len, __BYTE_ORDER == __BIG_ENDIAN, hex)) {
		snprintf(item, sizeof(item), COMPANION_BUILDID "%s", name);
		snaps_add(sn, item, 0, hex, strlen(hex));
	} else {
		hex[0] = '\0';
	}
	free(notes);
}

void snaps_machine(struct snaps *sn, const char *cmdline)
{
	char hex[BUILDID_TEXT];
	struct utsname uts;

	if (!uname(&uts))
		snaps_printf(sn, "uname", 0, "%s %s %s %s %s", uts.sysname,
			     uts.nodename, uts.release, uts.version, uts.machine);
	snaps_printf(sn, "page_size", 0, "%ld", sysconf(_SC_PAGESIZE));
	snaps_printf(sn, "cmdline", 0, "%s", cmdline ? cmdline : "");
	snaps_printf(sn, "modmem", 0, "%s", MODMEM_VERSION);
	add_build_id(sn, COMPANION_VMLINUX, "/sys/kernel/notes", hex);
}

/* Names of its sections, which say what areas it has: modstatic.h. */
static void add_sections(struct snaps *sn, const char *module, uint64_t ts)
{
	char path[320], name[320], *text;
	size_t len;

	snprintf(path, sizeof(path), "/sys/module/%s/sections", module);
	text = readfile_names(path, &len);
	snprintf(name, sizeof(name), "sections:%s", module);
	if (text)
		snaps_add(sn, name, ts, text, len);
	else
		unread(sn);
	free(text);
}

/* Where its init text lies, or lay. */
static void add_init_text(struct snaps *sn, const char *module, uint64_t ts)
{
	char path[320];

	snprintf(path, sizeof(path), "/sys/module/%s/sections/" INITTEXT_SECTION, module);
	if (!access(path, R_OK))
		snaps_file(sn, COMPANION_INIT_TEXT, ts, path);
}

/*
 * Its file is to be read: snaps_imports(). @init: with its init text, which is that of
 * what was loaded while tracing.
 */
static void want_file(struct snaps *sn, const char *module, const char *build_id, bool init)
{
	struct loaded_module lm = { .init = init }, *wanted;

	snprintf(lm.name, sizeof(lm.name), "%s", module);
	snprintf(lm.build_id, sizeof(lm.build_id), "%s", build_id);
	pthread_mutex_lock(&sn->lock);
	for (size_t i = 0; i < sn->n_wanted; i++)
		if (!strcmp(sn->wanted[i].name, lm.name) &&
		    !strcmp(sn->wanted[i].build_id, lm.build_id)) {
			sn->wanted[i].init |= init;
			goto out;
		}
	wanted = realloc(sn->wanted, (sn->n_wanted + 1) * sizeof(*wanted));
	if (wanted) {
		sn->wanted = wanted;
		sn->wanted[sn->n_wanted++] = lm;
	} else if (!sn->code) {
		sn->code = -ENOMEM;
	}
out:
	pthread_mutex_unlock(&sn->lock);
}

/* @ts 0: it was there at the start. */
static void add_module(struct snaps *sn, const char *module, uint64_t ts)
{
	char path[320], hex[BUILDID_TEXT];

	snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id", module);
	add_build_id(sn, module, path, hex);
	add_sections(sn, module, ts);
	if (sn->sink)
		return;
	want_file(sn, module, hex, ts != 0);
	if (ts)
		add_init_text(sn, module, ts);
}

/* Of all modules that /proc/modules names. */
static void add_modules(struct snaps *sn, const char *modules, size_t len)
{
	const char *end = modules + len;
	struct proc_module pm;

	while (proc_module_next(&modules, end, &pm))
		add_module(sn, pm.name, 0);
}

void snaps_imports(struct snaps *sn, char *const *command)
{
	struct loaded_module *wanted;
	char *text;
	size_t len, n;
	int ret;

	pthread_mutex_lock(&sn->lock);
	ret = module_files_imports(sn->wanted, sn->n_wanted, command, &text, &len);
	wanted = sn->wanted;
	n = sn->n_wanted;
	sn->wanted = NULL;
	sn->n_wanted = 0;
	pthread_mutex_unlock(&sn->lock);
	for (size_t i = 0; i < n; i++) {
		if (wanted[i].init_symbols)
			snaps_add(sn, COMPANION_INIT_SYMBOLS, 0, wanted[i].init_symbols,
				  strlen(wanted[i].init_symbols));
		free(wanted[i].init_symbols);
	}
	free(wanted);
	if (ret)
		failed(sn, ret);
	else if (len)
		snaps_add(sn, COMPANION_IMPORTS, 0, text, len);
	free(text);
}

/*
 * Leaves in @text the lines that end in "\t[module]", of any if @module is NULL.
 * Returns their length.
 */
static size_t keep_modules(char *text, size_t len, const char *module)
{
	struct span rest = span_of(text, len), line;
	struct kallsyms_line k;
	size_t kept = 0;

	while (span_line(&rest, &line)) {
		size_t n = (size_t)(rest.at - line.at);

		if (!kallsyms_line(line, &k) || !k.tag.at || (module && !span_is(k.tag, module)))
			continue;
		memmove(text + kept, line.at, n);
		kept += n;
	}
	text[kept] = '\0';
	return kept;
}

/* Where the first line of a module starts, or the text ends. */
static size_t core_length(const char *text, size_t len)
{
	const char *tag = strstr(text, "\t[");

	while (tag && tag > text && tag[-1] != '\n')
		tag--;
	return tag ? (size_t)(tag - text) : len;
}

/* Opens the file again, and reads what never changes. Fails: all is read later. */
static void prepare_symbols(struct snaps *sn)
{
	char buf[65536];
	size_t left = sn->core;

	sn->symbols = sn->core ? open(KALLSYMS, O_RDONLY | O_CLOEXEC) : -1;
	while (sn->symbols >= 0 && left) {
		ssize_t n = read(sn->symbols, buf,
				 left < sizeof(buf) ? left : sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(sn->symbols);
			sn->symbols = -1;
			return;
		}
		left -= (size_t)n;
	}
}

static const char *when_name(enum snap_when when)
{
	return when == SNAP_START ? "start" : when == SNAP_LOAD ? "load" : "end";
}

/*
 * The same modules in the same states, in two texts of /proc/modules. Of the size init is
 * a part, until its symbols are dropped with it.
 */
static bool same_modules(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *a_end = a + a_len, *b_end = b + b_len;
	struct proc_module x, y;

	while (proc_module_next(&a, a_end, &x))
		if (!proc_module_next(&b, b_end, &y) || strcmp(x.name, y.name) ||
		    x.live != y.live || x.size != y.size)
			return false;
	return !proc_module_next(&b, b_end, &y);
}

/* NULL: the error is kept. */
static char *read_symbols(struct snaps *sn, enum snap_when when, size_t *len)
{
	char *text = NULL;

	if (when == SNAP_LOAD && sn->symbols >= 0) {
		text = fd_read(sn->symbols, len);
		close(sn->symbols);
		sn->symbols = -1;
	}
	if (!text)
		text = file_read(KALLSYMS, len);
	if (!text)
		unread(sn);
	return text;
}

/* @module (NULL: any) is in a text of /proc/modules. */
static bool is_listed(const char *text, size_t len, const char *module)
{
	const char *end = text + len;
	struct proc_module pm;

	while (module && proc_module_next(&text, end, &pm))
		if (!strcmp(pm.name, module))
			return true;
	return !module;
}

/*
 * The texts of kallsyms, which is returned, and of /proc/modules. A module has other
 * symbols when its init has run (do_init_module(), kernel/module/main.c), and those that
 * follow in a text that is being read are not where they were: it is read again, unless
 * @module, which it is for, has gone.
 */
static char *read_modules(struct snaps *sn, enum snap_when when, const char *module,
			  size_t *len, char **modules, size_t *modules_len)
{
	size_t before_len = 0, more_len = 0;
	char *before = file_read("/proc/modules", &before_len), *more;
	char *text = read_symbols(sn, when, len);
	unsigned int tries = READ_TRIES;

	*modules = file_read("/proc/modules", modules_len);
	while (text && before && *modules && tries-- &&
	       is_listed(*modules, *modules_len, module) &&
	       !same_modules(before, before_len, *modules, *modules_len)) {
		free(before);
		before = *modules;
		before_len = *modules_len;
		more = read_symbols(sn, when, &more_len);
		*modules = file_read("/proc/modules", modules_len);
		if (!more || !*modules || !is_listed(*modules, *modules_len, module)) {
			free(more);
			break;
		}
		free(text);
		text = more;
		*len = more_len;
	}
	free(before);
	return text;
}

void snaps_modules(struct snaps *sn, enum snap_when when, uint64_t ts,
		   const char *module, char **kallsyms, size_t *kallsyms_len)
{
	size_t len = 0, modules_len = 0;
	char *text, *modules;
	char name[32];

	text = read_modules(sn, when, module, &len, &modules, &modules_len);
	if (modules) {
		snprintf(name, sizeof(name), "modules@%s", when_name(when));
		snaps_add(sn, name, ts, modules, modules_len);
	} else {
		unread(sn);
	}
	if (text && kallsyms) {
		*kallsyms = strdup(text);
		*kallsyms_len = *kallsyms ? len : 0;
		if (!*kallsyms)
			failed(sn, -ENOMEM);
	}
	if (text && when == SNAP_START) {
		sn->core = core_length(text, len);
		sn->core = sn->core > READ_AHEAD ? sn->core - READ_AHEAD : 0;
	}
	if (text && modules) {
		len = keep_modules(text, len, module);
		snprintf(name, sizeof(name), "symbols@%s", when_name(when));
		snaps_add(sn, name, ts, text, len);
		if (module) {
			add_module(sn, module, ts);
		} else if (when == SNAP_START) {
			add_modules(sn, modules, modules_len);
		}
	}
	if (when != SNAP_END && modules)
		prepare_symbols(sn);
	free(modules);
	free(text);
}

bool snaps_addresses_shown(void)
{
	size_t len = 0;
	char *modules = file_read("/proc/modules", &len);
	const char *at = modules;
	bool any = false, shown = false;
	struct proc_module pm;

	while (at && proc_module_next(&at, modules + len, &pm)) {
		any = true;
		shown |= pm.base != 0;
	}
	free(modules);
	return shown || !any;
}
