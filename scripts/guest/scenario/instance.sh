# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Three buffers in one file: module events in the top one, kmem in "memory",
# percpu and kmem again in "both". Who adds them up counts twice.
. "${0%/*}/functions.sh"

EVENTS="-e module -B memory -T -e kmem -b $BUFFER -B both -T -e percpu -e kmem"
record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
truth
