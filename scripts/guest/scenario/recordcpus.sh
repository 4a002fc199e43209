# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Many processors, some offline before the recording, some that go and come
# while it runs: each has a place of its own in the file, nothing is lost with
# them, and tracefs is left as it was.
# run: --smp 64 --mem 1024 --timeout 1500 --file build/modmem
. "${0%/*}/functions.sh"
tracing=/sys/kernel/tracing
cpus=/sys/devices/system/cpu

# tracefs_state: what a recorder must leave as it found it
tracefs_state()
{
	ls "$tracing/instances"
	for file in dynamic_events set_event trace_clock current_tracer; do
		echo "[$file]"
		cat "$tracing/$file" 2>/dev/null || true
	done
}

# online N 0|1
online()
{
	echo "$2" >"$cpus/cpu$1/online"
}

echo "possible $(cat $cpus/possible), online $(cat $cpus/online)," \
	"up for $(cut -d ' ' -f 1 /proc/uptime) s"
for cpu in 3 17 40 41 63; do
	online "$cpu" 0
done
tracefs_state >/tmp/before
online=$(cat $cpus/online)
echo "recording on $online"
modmem record -o /tmp/trace.dat -- sh -c "
	insmod /modules/kmtest.ko
	echo 0 >$cpus/cpu5/online
	echo 1 >$cpus/cpu17/online
	taskset 20000 ls / >/dev/null	# on 17, which has just come
	echo all >/proc/kmtest
	echo leak >/proc/kmtest
	echo 0 >$cpus/cpu62/online
	echo 1 >$cpus/cpu5/online" 2>/tmp/err || {
	cat /tmp/err
	exit 1
}
cat /tmp/err
echo "recorded, up for $(cut -d ' ' -f 1 /proc/uptime) s," \
	"online $(cat $cpus/online)"
tracefs_state >/tmp/after
diff /tmp/before /tmp/after
[ ! -e /tmp/trace.dat.parts ]
truth
cp /tmp/trace.dat "$OUT/trace.dat"
modmem report -q --check --bytes --module kmtest /tmp/trace.dat
# the CPU that came has a buffer of its own
trace-cmd report --cpu 17 /tmp/trace.dat 2>/dev/null | grep -c '\[017\]'
