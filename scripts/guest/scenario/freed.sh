# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Every family but leak allocates, then everything is freed; a second passes
# for what is freed later.
. "${0%/*}/functions.sh"

record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo free_all >/proc/kmtest
	sleep 1'
truth
