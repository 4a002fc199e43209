// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * soak_damage.c - recordings cut short and with bytes changed: whatever is
 * wrong with a file, the replay ends soon, and does not crash
 *
 * usage: soak_damage [-f FLIPS] [-m] [-p PERCENT] [-s SEED] [-b BYTES] RECORDING...
 *        soak_damage [-m] [-s SEED] -o CASE RECORDING	one change again, here
 *
 * Each recording is cut at every BYTES (4096); each of its sections is cut, too (of
 * version 7 the file ends with it, where a page ends); then FLIPS (100000, of all
 * recordings together) times a byte or a few are changed at random. Of one case in VIEWS
 * all is shown. What comes
 * of it is an error, books that are said not to be trusted, or the same numbers
 * as before. A trace.dat of trace-cmd has no checksums: a changed byte in the
 * middle of a pointer can be told by nobody. Such cases are counted as unseen,
 * and may be PERCENT (100) of the changes. With -m the recordings are those of
 * trace-cmd as modmem would have written them, with checksums: none may be
 * unseen. No cut may be in any case.
 *
 * Cases are run in children, some hundred each, so that a crash or a hang is
 * that of one case, whose number, seed and file are told.
 */
#include <errno.h>
#include <inttypes.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "all_views.h"
#include "error.h"
#include "hash.h"
#include "remake.h"
#include "leaks.h"
#include "replay.h"
#include "sections.h"
#include "snapshot.h"

#define VIEWS		16u
#define SECTIONS	6u	/* 16 to 21 */
#define ENDS		96u	/* of each of them */

#define PER_CHILD	250u
#define CASE_SECONDS	10	/* of processor time; what takes longer does not end */
#define CASE_ALARM	600u	/* seconds by the clock: what waits does not end either */

/* OUTCOMES: nothing was tried. */
enum outcome { REFUSED, UNTRUSTED, SAME, UNSEEN, UNBALANCED, OUTCOMES };
static const char *const outcome_names[OUTCOMES] = {
	"errors", "untrusted", "same numbers", "unseen", "books not balanced",
};

enum how { CUTS, SECTION_CUTS, CHANGES, HOWS };
static const char *const how_names[HOWS] = { "cut", "section", "change" };

/* Shared with the children. */
struct state {
	uint64_t at;			/* case that runs now */
	uint64_t count[HOWS][OUTCOMES];
};

static struct state *state;

static struct recording {
	const char *path;
	uint8_t *data;
	size_t len;
	uint64_t numbers;		/* a hash of what its report says */
} rec;

static uint64_t seed = 1, random_state;

static uint64_t draw(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % below;
}

static void die(const char *what)
{
	fprintf(stderr, "soak_damage: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* The numbers that people go by: who holds how much, by kind. */
static uint64_t numbers_of(const struct snapshot *snap)
{
	uint64_t h = snap->n_modules;
	size_t i, k;

	for (i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];

		h = hash_add(h, hash_bytes(m->name, strlen(m->name)));
		for (k = 0; k < KIND_MAX; k++)
			h = hash_add(h, m->live[k].bytes);
		h = hash_add(h, m->induced_bytes);
		h = hash_add(h, m->peak_bytes);
		h = hash_add(h, m->allocs);
		h = hash_add(h, m->frees);
	}
	return h;
}

/* Replays @len bytes, and shows it all if @show; *numbers is set unless it is refused. */
static enum outcome replay_bytes(const uint8_t *data, size_t len, bool show,
				 uint64_t *numbers)
{
	static const struct leak_opts leaks = { .older_than = 1000000, .every = 1000000 };
	struct replay_opts opts = {
		.from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME, .check = true,
		.threads = 1, .by_task = show, .by_stack = show, .series = show,
		.reconcile = show, .leaks = show ? &leaks : NULL,
	};
	struct error err = { "" };
	struct snapshot *snap;
	enum outcome outcome;
	char path[32];
	int fd;

	fd = memfd_create("trace.dat", MFD_CLOEXEC);
	if (fd < 0 || (len && write(fd, data, len) != (ssize_t)len))
		die("memfd");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opts.path = path;
	snap = replay(&opts, &err);
	close(fd);
	if (!snap) {
		/* an error without a word is none; nor may the books be wrong */
		if (!err.text[0])
			abort();
		return strncmp(err.text, "books do not balance", 20) ? REFUSED : UNBALANCED;
	}
	if (show)
		all_views(snap);
	*numbers = numbers_of(snap);
	outcome = snap->coverage.trusted ? SAME : UNTRUSTED;
	snapshot_free(snap);
	return outcome;
}

static enum outcome try(const uint8_t *data, size_t len, bool show)
{
	uint64_t numbers = 0;
	enum outcome outcome = replay_bytes(data, len, show, &numbers);

	/* what was not trusted before is judged by its numbers, too */
	return outcome == SAME && numbers != rec.numbers ? UNSEEN : outcome;
}

/* Case @i of the changes: the same whoever runs it. */
static void change(uint8_t *data, size_t len, uint64_t i)
{
	uint64_t n, at;

	random_state = hash64(seed * 1000003 + i) | 1;
	/* half of them among the headers, where they do most harm */
	n = 1 + draw(3);
	while (n--) {
		at = draw(2) ? draw(len) : draw(len < 8192 ? len : 8192);
		data[at] = draw(2) ? (uint8_t)draw(256) :
			   (uint8_t)(data[at] ^ 1u << draw(8));
	}
}

/*
 * Case @i of the ends of sections: near the beginning of one, or somewhere in it.
 * What is lost of the symbols in this way nobody can tell, so its numbers may differ.
 */
static enum outcome end_section(uint64_t i)
{
	struct out file = { 0 };
	uint16_t id = (uint16_t)(16 + i % SECTIONS);
	uint64_t k = i / SECTIONS;
	enum outcome outcome = OUTCOMES;
	size_t len;

	put(&file, rec.data, rec.len);
	len = section_len(&file, id);
	if (section_cut(&file, id, k < ENDS / 2 ? k : len * (k - ENDS / 2) / (ENDS / 2),
			k % 2))
		outcome = try(file.data, file.len, !(k % VIEWS));
	out_free(&file);
	return outcome;
}

/* A case begins, or none does. */
static void watch(bool on)
{
	const struct itimerval limit = { .it_value.tv_sec = on ? CASE_SECONDS : 0 };

	setitimer(ITIMER_PROF, &limit, NULL);
	alarm(on ? CASE_ALARM : 0);
}

static void run_cases(enum how how, uint64_t from, uint64_t to, uint64_t step)
{
	uint8_t *copy = malloc(rec.len + 1);
	uint64_t i;

	if (!copy)
		die("memory");
	for (i = from; i < to; i++) {
		enum outcome outcome;

		state->at = i;
		watch(true);
		if (how == CUTS) {
			outcome = try(rec.data, (size_t)(i * step), !(i % VIEWS));
		} else if (how == SECTION_CUTS) {
			outcome = end_section(i);
		} else {
			memcpy(copy, rec.data, rec.len);
			change(copy, rec.len, i);
			outcome = try(copy, rec.len, !(i % VIEWS));
		}
		watch(false);
		if (outcome == OUTCOMES)
			continue;
		state->count[how][outcome]++;
		if (outcome == UNBALANCED || (how == CUTS && outcome == UNSEEN))
			fprintf(stderr, "%s: %s %" PRIu64 ", seed %" PRIu64 ": %s\n", rec.path,
				how_names[how], i, seed, outcome_names[outcome]);
	}
	free(copy);
}

/* Cases [0, n); returns how many crashed or did not end. */
static unsigned int run_all(enum how how, uint64_t n, uint64_t step)
{
	unsigned int bad = 0;
	uint64_t from = 0;

	while (from < n) {
		uint64_t to = from + PER_CHILD < n ? from + PER_CHILD : n;
		int status;
		pid_t pid;

		fflush(NULL);
		pid = fork();
		if (pid < 0)
			die("fork");
		if (!pid) {
			run_cases(how, from, to, step);
			exit(0);
		}
		if (waitpid(pid, &status, 0) != pid)
			die("wait");
		from = to;
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			continue;
		fprintf(stderr, "%s: %s %" PRIu64 ", seed %" PRIu64 ": %s (%d)\n", rec.path,
			how_names[how], state->at, seed,
			WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF ||
						WTERMSIG(status) == SIGALRM) ?
			"does not end" : "crashed", status);
		bad++;
		from = state->at + 1;
	}
	return bad;
}

static uint64_t cases(enum how how)
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < OUTCOMES; i++)
		all += state->count[how][i];
	return all;
}

/* Returns how many crashed or did not end; *@none: there was nothing to cut. */
static unsigned int cut_sections(bool *none)
{
	uint64_t before = cases(SECTION_CUTS);
	unsigned int bad = run_all(SECTION_CUTS, (uint64_t)SECTIONS * ENDS, 0);

	if (cases(SECTION_CUTS) == before && !bad) {
		fprintf(stderr, "%s: has no section that can be cut\n", rec.path);
		*none = true;
	}
	return bad;
}

/* @path, or what it is with checksums. */
static FILE *open_recording(const char *path, bool with_sums)
{
	char dir[] = "/tmp/modmem-soak-XXXXXX", made[64];
	FILE *file;

	if (!with_sums)
		return fopen(path, "rb");
	if (!mkdtemp(dir))
		die(dir);
	snprintf(made, sizeof(made), "%s/trace.dat", dir);
	remake(path, made);
	file = fopen(made, "rb");
	unlink(made);
	rmdir(dir);
	return file;
}

static void load(const char *path, bool with_sums)
{
	FILE *file = open_recording(path, with_sums);
	long len;

	if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) <= 0)
		die(path);
	rewind(file);
	rec = (struct recording){ .path = path, .len = (size_t)len };
	rec.data = malloc(rec.len);
	if (!rec.data || fread(rec.data, 1, rec.len, file) != rec.len)
		die(path);
	fclose(file);
	if (replay_bytes(rec.data, rec.len, false, &rec.numbers) == REFUSED) {
		fprintf(stderr, "soak_damage: %s cannot be read\n", path);
		exit(2);
	}
}

static void print_counts(const char *what, const uint64_t *count)
{
	unsigned int i;

	printf("%s:", what);
	for (i = 0; i < OUTCOMES; i++)
		printf(" %s %" PRIu64 "%s", outcome_names[i], count[i],
		       i + 1 < OUTCOMES ? "," : "\n");
}

/* Whether more of the changes were unseen than may be. */
static bool too_many(double percent)
{
	uint64_t all = cases(CHANGES), n = state->count[CHANGES][UNSEEN];
	double unseen = all ? 100.0 * (double)n / (double)all : 0;

	printf("unseen: %.2f %% of the changes, may be %.2f %%\n", unseen, percent);
	return unseen > percent;
}

int main(int argc, char **argv)
{
	uint64_t flips = 100000, step = 4096, one = UINT64_MAX;
	bool with_sums = false, none = false;
	double percent = 100;
	unsigned int bad = 0;
	int opt, i;

	while ((opt = getopt(argc, argv, "f:mo:p:s:b:")) != -1) {
		switch (opt) {
		case 'f':
			flips = strtoull(optarg, NULL, 10);
			break;
		case 'm':
			with_sums = true;
			percent = 0;
			break;
		case 'o':
			one = strtoull(optarg, NULL, 10);
			break;
		case 'p':
			percent = strtod(optarg, NULL);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			step = strtoull(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	}
	if (optind == argc || !step) {
		fputs("usage: soak_damage [-f FLIPS] [-m] [-p PERCENT] [-s SEED] [-b BYTES]"
		      " [-o CASE] RECORDING...\n", stderr);
		return 2;
	}
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (state == MAP_FAILED)
		die("mmap");
	for (i = optind; i < argc; i++) {
		load(argv[i], with_sums);
		if (one != UINT64_MAX) {	/* where a debugger can follow */
			run_cases(CHANGES, one, one + 1, 0);
			continue;
		}
		bad += run_all(CUTS, (rec.len + step - 1) / step, step);
		bad += cut_sections(&none);
		bad += run_all(CHANGES, flips / (uint64_t)(argc - optind), 0);
		free(rec.data);
	}
	print_counts("cuts", state->count[CUTS]);
	print_counts("cut sections", state->count[SECTION_CUTS]);
	print_counts("changes", state->count[CHANGES]);
	printf("crashes and hangs: %u\n", bad);
	if (too_many(percent))
		bad++;
	return bad || none || state->count[CUTS][UNSEEN] || state->count[CUTS][UNBALANCED] ||
	       state->count[SECTION_CUTS][UNBALANCED] || state->count[CHANGES][UNBALANCED];
}
