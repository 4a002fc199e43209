# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As held, but without stack traces: there is only call_site.
. "${0%/*}/functions.sh"

STACKS=
record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
truth
