// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replay_fixture.c - see replay_fixture.h
 */
#include "replay_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

struct replay_fixture rp;

const char rp_symbols[] =
	"ffffffff81000000 T _stext\n"
	"ffffffff81001000 T __kmalloc\n"
	"ffffffff81002000 T kfree\n"
	"ffffffff81003000 T do_syscall_64\n"
	"ffffffff82000000 T _etext\n"
	"ffffffffc0000000 t kmtest_take\t[kmtest]\n"
	"ffffffffc0000800 t kmtest_give\t[kmtest]\n"
	"ffffffffc0010000 t other_take\t[other]\n";

const uint64_t rp_kmtest_stack[3] = {
	0xffffffff81001010, 0xffffffffc0000010, 0xffffffff81003010,
};
const uint64_t rp_other_stack[3] = {
	0xffffffff81001010, 0xffffffffc0010010, 0xffffffff81003010,
};

static int saved_fd = -1;

int rp_setup(void **state)
{
	(void)state;
	rp.opts = (struct replay_opts) {
		.from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME, .check = true,
	};
	return 0;
}

int rp_teardown(void **state)
{
	(void)state;
	snapshot_free(rp.snap);
	rp.snap = NULL;
	rec_free(&rp.rec);
	*rp.trace = '\0';
	if (saved_fd >= 0)
		close(saved_fd);
	saved_fd = -1;
	return 0;
}

void rp_start(const struct rec_kernel *kernel, uint32_t n_buffers,
		  uint32_t n_cpus)
{
	rec_start(&rp.rec, kernel, n_buffers, n_cpus);
	rp.rec.kallsyms = rp_symbols;
}

void rp_alloc(uint64_t ts, uint64_t ptr, uint64_t bytes,
		  const uint64_t *stack)
{
	EMIT(&rp.rec, .ts = ts, .event = "kmalloc", .ptr = ptr, .bytes_req = bytes - 1,
	     .bytes_alloc = bytes, .call_site = stack[1]);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = stack,
	     .n_frames = 3);
}

void rp_release(uint64_t ts, uint64_t ptr)
{
	EMIT(&rp.rec, .ts = ts, .event = "kfree", .ptr = ptr,
	     .call_site = 0xffffffffc0000810);
}

void rp_small(void)
{
	rp_start(&rec_6_1, 1, 1);
	rp_alloc(1000, 0xffff888000001000, 64, rp_kmtest_stack);
	rp_alloc(2000, 0xffff888000002000, 128, rp_kmtest_stack);
	rp_release(3000, 0xffff888000001000);
	rp_alloc(4000, 0xffff888000003000, 32, rp_other_stack);
}

static struct snapshot *run(void)
{
	/* (the same recording can be replayed with other options) */
	if (!*rp.trace)
		strcpy(rp.trace, rec_write(&rp.rec));
	rp.opts.path = rp.trace;
	strcpy(rp.err.text, "");
	snapshot_free(rp.snap);
	rp.snap = replay(&rp.opts, &rp.err);
	return rp.snap;
}

void rp_good(void)
{
	if (!run())
		fail_msg("%s", rp.err.text);
}

void rp_bad(const char *a, const char *b)
{
	assert_null(run());
	if (!strstr(rp.err.text, a) || !strstr(rp.err.text, b))
		fail_msg("not about '%s' and '%s': %s", a, b, rp.err.text);
}

const char *rp_save(const char *text, size_t len)
{
	if (saved_fd >= 0)
		close(saved_fd);
	saved_fd = memfd_create("saved", MFD_CLOEXEC);
	assert_true(saved_fd >= 0);
	assert_int_equal(write(saved_fd, text, len), len);
	snprintf(rp.saved, sizeof(rp.saved), "/proc/self/fd/%d", saved_fd);
	return rp.saved;
}

const struct snap_module *rp_module(const char *name)
{
	size_t i;

	for (i = 0; i < rp.snap->n_modules; i++)
		if (!strcmp(rp.snap->modules[i].name, name))
			return &rp.snap->modules[i];
	return NULL;
}

uint64_t rp_live(const char *name)
{
	const struct snap_module *m = rp_module(name);

	return m ? m->live_bytes : 0;
}

bool rp_said(const char *const *list, size_t n, const char *what)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strstr(list[i], what))
			return true;
	return false;
}

bool rp_distrusted(const char *what)
{
	assert_int_equal(rp.snap->coverage.trusted, !rp.snap->coverage.n_distrust);
	return rp_said(rp.snap->coverage.distrust, rp.snap->coverage.n_distrust, what);
}
