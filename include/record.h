/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - records what this machine's kernel allocates, to a trace.dat
 *
 * In a tracefs instance of its own, which is gone afterwards with all that
 * belongs to it, however the recording ends; if it was killed, the next
 * recording, or record_clean(), removes it.
 */
#ifndef MODMEM_RECORD_H
#define MODMEM_RECORD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct error;
struct wire;

struct record_opts {
	const char *output;
	struct wire *wire;		/* not to a file, but there; the caller's */
	bool scratch;			/* ... is none that a user has chosen */
	const char *cmdline;		/* of modmem, to be noted in the file */
	char *const *command;		/* NULL: until a signal comes */
	uint64_t buffer_kb;		/* per CPU; 0: from free memory */
	const char *clock;		/* NULL: mono */
	int64_t duration_ns;		/* 0: none */
	uint64_t max_size;		/* ends at so many bytes of trace data; 0: none */
	const char *modules;		/* comma list, NULL: all */
	bool own;			/* not what the kernel takes for itself; then no modules */
	bool no_probes;
	/* Told what a user should know at once, one line each. */
	void (*say)(void *arg, const char *line);
	void *say_arg;
};

struct record_result {
	bool ran;			/* the command; then */
	int status;			/* its exit status */
	bool file;			/* there is one, also if something failed */
	uint64_t lost;			/* events, of all CPUs */
	uint64_t bytes;			/* of the file */
	double seconds;
};

/*
 * Records. Returns 0 or a negative errno with @err set; result->file tells if
 * there is a file nevertheless: it was cut short, or something was left in tracefs.
 */
int record(const struct record_opts *opts, struct record_result *result,
	   struct error *err);

/*
 * Makes the file of a recording that was killed from what it left behind.
 * @bytes: its size. Returns 0 or a negative errno with @err set.
 */
int record_restore(const char *output, uint64_t *bytes, struct error *err);

/*
 * The same of a recording that comes through @fd from another machine (wire.h).
 * @damage: what is missing of it, empty: nothing. Once *@stop is set, the recorder has a
 * second to end it.
 */
int record_receive(int fd, const char *output, const volatile sig_atomic_t *stop,
		   uint64_t *bytes, struct error *damage, struct error *err);

#endif
