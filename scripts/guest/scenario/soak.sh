# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# kmtest leaks a bit each second, beside users who take memory and give it back;
# in the end it is unloaded.
. "${0%/*}/functions.sh"

# shellcheck disable=SC2016
record '
	insmod /modules/kmtest.ko
	round=0
	while [ $round -lt 15 ]; do
		round=$((round + 1))
		echo leak >/proc/kmtest
		undo=undo_
		[ $((round % 2)) -eq 0 ] || undo=
		for family in kmalloc cache buddy percpu dup; do
			echo $undo$family >/proc/kmtest
		done
		sleep 1
	done
	cat /proc/kmtest >/tmp/books
	sleep 1
	rmmod kmtest
	sleep 1'
cp /tmp/books "$OUT/books"
truth
