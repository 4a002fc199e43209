# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# kmtest leaks and is unloaded, kmother takes its place, kmtest comes back.
. "${0%/*}/functions.sh"

# shellcheck disable=SC2016
record '
	step()
	{
		echo "[modules: $1]"
		grep "^km" /proc/modules
		[ ! -e /proc/kmtest ] || { echo "[kmtest: $1]"; cat /proc/kmtest; }
	} >>/tmp/steps
	insmod /modules/kmtest.ko init_alloc=1
	for family in kmalloc cache buddy percpu vmalloc leak; do
		echo $family >/proc/kmtest
	done
	step "first time"
	rmmod kmtest
	insmod /modules/kmother.ko
	echo 1 >/sys/module/kmother/parameters/hold
	step "kmother"
	insmod /modules/kmtest.ko
	echo kmalloc_node >/proc/kmtest
	echo dup >/proc/kmtest
	step "second time"'
truth
cat /tmp/steps >>"$OUT/truth.txt"
