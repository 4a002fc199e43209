# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Every family allocates, and holds what it has.
. "${0%/*}/functions.sh"

record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
truth
