# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# A few families, with the clock "x86-tsc", which counts cycles.
. "${0%/*}/functions.sh"

RECORD_ARGS="-C x86-tsc"
record '
	insmod /modules/kmtest.ko
	echo kmalloc >/proc/kmtest
	echo leak >/proc/kmtest'
truth
