# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Every family of kmtest but leak allocates; a moment later all is freed.
. "${0%/*}/functions.sh"

RECORD_ARGS="-C mono"
# shellcheck disable=SC2016
record '
	. /scenario/functions.sh
	for step in all free_all; do
		[ -e /proc/kmtest ] || insmod /modules/kmtest.ko
		echo $step >/proc/kmtest
		sleep 1
		echo "[step $(moment) $step]"
		cat /proc/kmtest
	done >/tmp/usedmemory.steps'
truth
cat /tmp/usedmemory.steps >>"$OUT/truth.txt"
rmmod kmtest
