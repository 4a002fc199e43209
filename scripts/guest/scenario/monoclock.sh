# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As held, with the clock "mono".
. "${0%/*}/functions.sh"

RECORD_ARGS="-C mono"
record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
truth
