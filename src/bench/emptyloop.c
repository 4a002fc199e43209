// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * emptyloop - read a trace.dat with libtracecmd and do nothing with it
 *
 * The least that any reader built on the library costs: what the benchmark
 * compares modmem with. Prints the number of records.
 */
#include <stdio.h>
#include <trace-cmd.h>

static int ignore_record(struct tracecmd_input *handle,
			 struct tep_record *record, int cpu, void *data)
{
	unsigned long long *records = data;

	(void)handle;
	(void)record;
	(void)cpu;
	(*records)++;
	return 0;
}

int main(int argc, char **argv)
{
	struct tracecmd_input *handle;
	unsigned long long records = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: emptyloop TRACE.DAT\n");
		return 2;
	}
	handle = tracecmd_open(argv[1], TRACECMD_FL_LOAD_NO_PLUGINS);
	if (!handle) {
		fprintf(stderr, "emptyloop: cannot read %s\n", argv[1]);
		return 2;
	}
	tracecmd_iterate_events(handle, NULL, 0, ignore_record, &records);
	tracecmd_close(handle);
	printf("%llu\n", records);
	return 0;
}
