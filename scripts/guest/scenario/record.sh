# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As held, recorded by modmem itself: its own instance, its companion probes; and by
# another one with --own at the same time, in a folder of its own.
# run: --file build/modmem
. "${0%/*}/functions.sh"

# tracefs_state: what a recorder must leave as it found it
tracefs_state()
{
	ls /sys/kernel/tracing/instances
	for ts_file in kprobe_events synthetic_events dynamic_events set_event \
			trace_clock buffer_size_kb tracing_on current_tracer; do
		echo "[$ts_file]"
		# (the first event enabled anywhere expands the top buffer)
		sed 's/^7 (expanded: 1408)$/1410/' \
			"/sys/kernel/tracing/$ts_file" 2>/dev/null || true
	done
	cat /proc/sys/kernel/ftrace_enabled
	grep -c . /sys/kernel/tracing/trace
}

tracefs_state >/tmp/before
modmem record --own -o /tmp/own.dat -- modmem record -o /tmp/trace.dat -- sh -c 'set -e
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest' 2>"$OUT/stderr" || {
	cat "$OUT/stderr"
	exit 1
}
cat "$OUT/stderr"
cp /tmp/trace.dat "$OUT/trace.dat"
truth
mkdir "$OUT/own"
cp /tmp/own.dat "$OUT/own/trace.dat"
cp "$OUT/truth.txt" "$OUT/own/"
# return probes cut stacks there
case $(uname -r) in
5.*) ;;
*) modmem record --check ;;
esac
tracefs_state >/tmp/after
diff /tmp/before /tmp/after
modmem report --bytes /tmp/trace.dat >"$OUT/report" || exit
trace-cmd report /tmp/trace.dat 2>"$OUT/trace-cmd.stderr" >/tmp/text
head -n 3 "$OUT/trace-cmd.stderr"
grep -c . /tmp/text
