# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# For what records on this machine: smoke-record, check-hard; also in a guest.

tracing=/sys/kernel/tracing

# state: of tracefs; what concurrent recorders have is theirs
state()
{
	find "$tracing/instances" -mindepth 1 -maxdepth 1 ! -name 'modmem-*' |
		sort
	for file in dynamic_events kprobe_events synthetic_events set_event \
			trace_clock tracing_on current_tracer; do
		echo "[$file]"
		grep -v modmem_ "$tracing/$file" 2>/dev/null
	done
	cat /proc/sys/kernel/ftrace_enabled 2>/dev/null
}

# left PID: is tracefs free of that recorder?
left()
{
	! find "$tracing/instances" -maxdepth 1 -name "modmem-$1-*" |
		grep -q . &&
		! grep -q "modmem_$1_" "$tracing/dynamic_events" 2>/dev/null
}

# records PID: true as soon as it does, false if it does not within 10 s
records()
{
	r_tries=0
	until [ "$(cat "$tracing/instances/modmem-$1"-*[0-9]/tracing_on \
			2>/dev/null)" = 1 ]; do
		r_tries=$((r_tries + 1))
		[ "$r_tries" -lt 100 ] || return
		kill -0 "$1" 2>/dev/null || return
		sleep 0.1
	done
}
