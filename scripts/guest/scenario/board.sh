# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As held, recorded by modmem on a board: what its own report says there, too.
# run: --append recorder=modmem
. "${0%/*}/functions.sh"

instances()
{
	ls /sys/kernel/tracing/instances
	cat /sys/kernel/tracing/kprobe_events
}

instances >/tmp/before
record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
truth
instances >/tmp/after
diff /tmp/before /tmp/after
cd "$OUT"
modmem report --json trace.dat >report.json
