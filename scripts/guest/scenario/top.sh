# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# modmem top looks on while a module is loaded and used, beside a recording of the
# same; then while it comes and goes, and at what top takes for itself.
# run: --append recorder=modmem --file build/modmem
. "${0%/*}/functions.sh"

# lines N: until it has written so many
lines()
{
	l_tries=0
	while [ "$(grep -c . "$OUT/top.json")" -lt "$1" ]; do
		l_tries=$((l_tries + 1))
		[ $l_tries -lt 600 ] || {
			echo "top writes nothing: $(cat "$OUT/top.stderr")"
			exit 1
		}
		sleep 0.1
	done
}

: >"$OUT/top.json"
# (an emulated machine on a busy host stands still now and then)
modmem top --buffer-size 16384 --format json -d 0.5 >"$OUT/top.json" 2>"$OUT/top.stderr" &
top=$!
lines 1
record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
# what it saw until now is in the line after the next
lines $(($(grep -c . "$OUT/top.json") + 3))
truth
kill $top
wait $top || echo "top: exit status $?"
cat "$OUT/top.stderr"

rmmod kmtest
ls /sys/kernel/tracing/instances
modmem top --buffer-size 16384 --format json -d 2 >"$OUT/churn.json" 2>>"$OUT/top.stderr" &
top=$!
sleep 3
i=0
while [ $i -lt 100 ]; do
	insmod /modules/kmtest.ko
	echo kmalloc >/proc/kmtest
	rmmod kmtest
	i=$((i + 1))
done
sleep 5
kill $top
wait $top || echo "top: exit status $?"
ls /sys/kernel/tracing/instances
cat /sys/kernel/tracing/dynamic_events
