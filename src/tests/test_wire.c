// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_wire.c - a recording that goes to another machine, and what the way does to it
 *
 * The pieces are those of recordparts.c: what comes of the stream must be what comes of
 * the folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"
#include "monotonic.h"
#include "parts.h"
#include "record_files.h"
#include "recordparts.h"
#include "source.h"
#include "tracefile.h"
#include "wire.h"

static const char *const texts[] = { "info", "head", "kallsyms", "printk", "cmdlines" };
static const char *const pages[] = { "cpu0", "cpu1", "cpu2" };

static struct error err, damage;
static char *folder_file, *stream;	/* the file that the folder becomes; the stream */
static size_t folder_len, stream_len, head_len;	/* up to the first page */

static char *piece(const struct parts *pa, const char *name, size_t *len)
{
	int fd = openat(pa->fd, name, O_RDONLY | O_CLOEXEC);
	char *text = fd_read(fd, len);

	assert_non_null(text);
	close(fd);
	return text;
}

static void send_pieces(struct wire *w, const struct parts *pa)
{
	size_t len;
	char *text;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		text = piece(pa, texts[i], &len);
		assert_int_equal(wire_whole(w, texts[i], text, len), 0);
		free(text);
	}
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		assert_int_equal(wire_whole(w, pages[i], "", 0), 0);
	head_len = wire_bytes(w);
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		text = piece(pa, pages[i], &len);
		assert_int_equal(wire_append(w, pages[i], text, len / 4096 * 4096), 0);
		free(text);
	}
	text = piece(pa, "companion", &len);
	assert_int_equal(wire_append2(w, "companion", text, 10, text + 10, len - 10), 0);
	free(text);
	text = piece(pa, "stats0", &len);
	assert_int_equal(wire_whole(w, "stats0", text, len), 0);
	free(text);
	assert_int_equal(wire_whole(w, "kallsyms", "ffffffff81000000 T _text\n", 25), 0);
	assert_int_equal(wire_end(w), 0);
}

static int setup(void **state)
{
	char path[200];
	struct parts pa = { .fd = -1 };
	struct wire *w;
	uint64_t bytes;
	int fd;

	(void)state;
	recordparts_setup();
	recordparts_fill(&pa, RECORDPARTS_DEAD);
	snprintf(path, sizeof(path), "%s/stream", recordparts_dir());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	w = wire_new(fd, 1000);
	assert_non_null(w);
	send_pieces(w, &pa);
	assert_int_equal(wire_bytes(w), lseek(fd, 0, SEEK_END));
	wire_free(w);
	close(fd);
	stream = file_read(path, &stream_len);
	assert_int_equal(parts_assemble(&pa, &bytes, &err), 0);
	assert_int_equal(parts_remove(&pa, &err), 0);
	folder_file = file_read(recordparts_output(), &folder_len);
	unlink(recordparts_output());
	return stream && folder_file ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(stream);
	free(folder_file);
	recordparts_teardown();
	return 0;
}

/* What comes of @len bytes at @data; the file is there if it is 0. */
static int receive(const char *data, size_t len)
{
	char path[200];
	struct parts pa = { .fd = -1 };
	uint64_t bytes = 0;
	size_t head;
	int fd, ret;

	snprintf(path, sizeof(path), "%s/in", recordparts_dir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(fd_write(fd, data, len), 0);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(parts_create(&pa, recordparts_output(), RECORDPARTS_DEAD, &err), 0);
	/* some of it was read before, to see what it is */
	head = len < 100 ? len : 100;
	lseek(fd, (off_t)head, SEEK_SET);
	ret = wire_receive(fd, data, head, &pa, NULL, &bytes, &damage, &err);
	close(fd);
	assert_int_equal(parts_remove(&pa, NULL), 0);
	return ret;
}

/* Records of the file, per CPU; whether losses are told. */
static unsigned int records(unsigned int of[3], bool *lost)
{
	struct source *src = source_open(recordparts_output(), &err);
	struct source_record rec;
	unsigned int all = 0;

	assert_non_null(src);
	*lost = false;
	for (size_t i = 0; i < source_streams(src); i++) {
		unsigned int n = 0;

		while (source_next(src, i, &rec, &err) > 0) {
			*lost |= rec.lost > 0;
			n++;
		}
		of[source_stream_cpu(src, i)] = n;
		all += n;
	}
	source_close(src);
	return all;
}

static void as_from_the_folder(void **state)
{
	size_t len;
	char *file;

	(void)state;
	assert_true(wire_is(stream, stream_len));
	assert_false(wire_is(stream, 10));
	assert_int_equal(receive(stream, stream_len), 0);
	assert_string_equal(damage.text, "");
	file = file_read(recordparts_output(), &len);
	assert_int_equal(len, folder_len);
	assert_memory_equal(file, folder_file, len);
	free(file);
}

/* Cut anywhere: all whole pages that came are there, and that it was cut. */
static void broken_off(void **state)
{
	unsigned int of[3], all, before = 0;
	bool lost;

	(void)state;
	for (size_t len = 0; len < stream_len; len += len < head_len ? 499 : 401) {
		int ret = receive(stream, len);

		if (len < WIRE_MAGIC_LEN) {
			assert_int_equal(ret, -EINVAL);
			continue;
		}
		if (ret) {
			assert_int_equal(ret, -ENODATA);
			assert_true(len < head_len);
			continue;
		}
		assert_non_null(strstr(damage.text, "broke off"));
		all = records(of, &lost);
		assert_true(all >= before);
		before = all;
	}
	assert_int_equal(receive(stream, stream_len - 1), 0);
	assert_int_equal(records(of, &lost), 3);
}

/* A byte is wrong: its chunk is missing, and nothing else. */
static void damaged(void **state)
{
	unsigned int of[3], all, most = 0, fewer = 0, told = 0;
	char *copy = malloc(stream_len);
	bool lost;

	(void)state;
	for (size_t at = head_len; at < stream_len; at += 61) {
		memcpy(copy, stream, stream_len);
		copy[at] ^= 0x20;
		assert_int_equal(receive(copy, stream_len), 0);
		assert_true(damage.text[0]);
		all = records(of, &lost);
		most = all > most ? all : most;
		fewer += all < 3;
		told += all < 3 && lost;
		/* those of CPU 0 come first: what comes next of CPU 2 tells */
		if (!of[0])
			assert_true(lost);
	}
	free(copy);
	assert_int_equal(most, 3);
	assert_true(fewer > 0 && told > 0);
}

/* Big endian, with pages of 64K: what it sends is what this machine's file has. */
static void other_machine(void **state)
{
	struct out head = { .big = true, .long_size = 8 }, page = { .big = true, .long_size = 8 };
	static const char header_page[] =
		"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		"\tfield: char data;\toffset:16;\tsize:65520;\tsigned:0;\n";
	const uint32_t size = 65536;
	char path[200], *data;
	unsigned int of[3];
	struct source *src;
	struct wire *w;
	size_t len;
	bool lost;
	int fd;

	(void)state;
	put(&head, "\x17\x08\x44" "tracing6", 12);
	put_number(&head, 1, 1);
	put_number(&head, 8, 1);
	put_number(&head, size, 4);
	put_string(&head, "header_page");
	put_number(&head, sizeof(header_page) - 1, 8);
	put(&head, header_page, sizeof(header_page) - 1);
	put_string(&head, "header_event");
	put_number(&head, 0, 8);
	put_number(&head, 0, 4);
	put_number(&head, 0, 4);
	page_begin(&page, 1000);
	page_record(&page, 0, 2, 0x11);
	set_number(&page, 8, page.len - 16, 8);
	put_padding(&page, size);
	snprintf(path, sizeof(path), "%s/other", recordparts_dir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	w = wire_new(fd, 1000);
	wire_whole(w, "head", head.data, head.len);
	wire_whole(w, "info", "clock=mono\nuname=Linux box 6.1 s390x\n", 37);
	wire_append(w, "cpu0", page.data, page.len);
	/* one that is missing, and half a page: the line breaks */
	wire_append(w, "cpu0", page.data, page.len);
	len = wire_bytes(w);
	wire_append(w, "cpu0", page.data, page.len);
	wire_append(w, "cpu0", page.data, page.len / 2);
	wire_free(w);
	close(fd);
	data = file_read(path, NULL);
	data[len - 1] ^= 1;
	len = (size_t)lseek(fd = open(path, O_RDONLY), 0, SEEK_END);
	close(fd);
	assert_int_equal(receive(data, len), 0);
	free(data);
	assert_int_equal(records(of, &lost), 2);
	assert_true(lost);
	src = source_open(recordparts_output(), &err);
	assert_true(source_info(src)->big_endian);
	assert_string_equal(source_info(src)->uname, "Linux box 6.1 s390x");
	source_close(src);
	out_free(&head);
	out_free(&page);
}

static void bytes_between(void **state)
{
	char *copy = malloc(stream_len + 5000);
	unsigned int of[3];
	bool lost;

	(void)state;
	/* what looks like a chunk, and is none */
	memset(copy + head_len, 0x17, 5000);
	memcpy(copy, stream, head_len);
	memcpy(copy + head_len + 100, "\x17\x08mc\0\4\0\0\0\0\4\0", 12);
	memcpy(copy + head_len + 5000, stream + head_len, stream_len - head_len);
	assert_int_equal(receive(copy, stream_len + 5000), 0);
	assert_non_null(strstr(damage.text, "5000 bytes"));
	assert_int_equal(records(of, &lost), 3);
	free(copy);
}

static void names_of_no_piece(void **state)
{
	static const char *const names[] = {
		"../x", "/tmp/x", "", "out", "given", "reserve", "cpu", "cpu5000", "cpu99999999999999999999",
		"cpu-1", "statsx", "info/..",
	};
	char path[200], *data;
	struct wire *w;
	size_t len;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/hostile", recordparts_dir());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	w = wire_new(fd, 1000);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		wire_append(w, names[i], "text", 4);
		wire_whole(w, names[i], "text", 4);
	}
	wire_whole(w, "head", "text", 4);
	wire_end(w);
	wire_free(w);
	close(fd);
	data = file_read(path, &len);
	assert_true(receive(data, len) < 0);
	free(data);
	assert_int_equal(access(recordparts_output(), F_OK), -1);
}

/* ---- readers ---------------------------------------------------------------------------- */

/* A socket as well as a pipe, the ends of which are @fds. */
static void stalled(int fds[2], int to)
{
	static const char data[100000];
	struct wire *w = wire_new(fds[to], 300);
	int64_t began = monotonic_ns();
	int ret = 0;

	for (int i = 0; i < 1000 && !ret; i++)
		ret = wire_append(w, "cpu0", data, sizeof(data));
	assert_int_equal(ret, -ETIMEDOUT);
	assert_true(monotonic_ns() - began >= 300000000);
	/* it is not asked again */
	assert_int_equal(wire_end(w), -ETIMEDOUT);
	close(fds[!to]);
	wire_free(w);
	w = wire_new(fds[to], 300);
	assert_int_equal(wire_append(w, "cpu0", data, sizeof(data)), -EPIPE);
	assert_non_null(strstr(wire_strerror(-EPIPE), "gone"));
	wire_free(w);
	close(fds[to]);
}

static void reader_that_stalls(void **state)
{
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	stalled(fds, 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	stalled(fds, 0);
}

/* ^C: the recorder has a second to end the stream, then what came is used. */
static void input_that_is_ended(void **state)
{
	volatile sig_atomic_t stop = 1;
	struct parts pa = { .fd = -1 };
	uint64_t bytes;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, (int)stream_len) >= (int)stream_len);
	assert_int_equal(fd_write(fds[1], stream, stream_len - 30), 0);
	assert_int_equal(parts_create(&pa, recordparts_output(), RECORDPARTS_DEAD, &err), 0);
	assert_int_equal(wire_receive(fds[0], NULL, 0, &pa, &stop, &bytes, &damage, &err), 0);
	assert_int_equal(parts_remove(&pa, NULL), 0);
	assert_non_null(strstr(damage.text, "broke off"));
	close(fds[0]);
	close(fds[1]);
}

/* It gets all, at its pace; the descriptor that others have as well still waits. */
static void reader_that_is_slow(void **state)
{
	static char data[300000], got[4096];
	struct wire *w;
	int fds[2], status;
	uint64_t all = 0;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[1]);
		w = wire_new(fds[0], 200);
		wire_patient(w, true);
		if (wire_append(w, "cpu0", data, sizeof(data)) || wire_end(w))
			_exit(1);
		_exit(fcntl(fds[0], F_GETFL) & O_NONBLOCK ? 2 : 0);
	}
	close(fds[0]);
	usleep(500000);
	while ((n = read(fds[1], got, sizeof(got))) > 0)
		all += (uint64_t)n;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(all > sizeof(data));
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_from_the_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_off, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(other_machine, setup, teardown),
		cmocka_unit_test_setup_teardown(bytes_between, setup, teardown),
		cmocka_unit_test_setup_teardown(names_of_no_piece, setup, teardown),
		cmocka_unit_test_setup_teardown(input_that_is_ended, setup, teardown),
		cmocka_unit_test(reader_that_stalls),
		cmocka_unit_test(reader_that_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
