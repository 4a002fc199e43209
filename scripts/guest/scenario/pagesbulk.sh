# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# kmbulk takes pages with alloc_pages_bulk(): few and many, into arrays where slots are
# filled, some before the recording, and (up to 6.13) as a list, which no probe can tell.
# run: --file build/modmem --append recorder=modmem
. "${0%/*}/functions.sh"

insmod /modules/kmbulk.ko
echo older >/proc/kmbulk
record '
	echo array >/proc/kmbulk
	echo refill >/proc/kmbulk
	echo list >/proc/kmbulk || true'
truth
