# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As held, but the file is of version 6, which knows no compression.
. "${0%/*}/functions.sh"

RECORD_ARGS="--file-version 6"
record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
truth
