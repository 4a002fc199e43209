# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# run: --timeout 900
# A buffer that is too small by far: events are lost.
. "${0%/*}/functions.sh"

BUFFER=8
record '
	insmod /modules/kmtest.ko
	for i in 1 2 3 4 5 6 7 8; do
		echo all >/proc/kmtest
		echo free_all >/proc/kmtest
	done
	echo all >/proc/kmtest'
truth
