# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# run: --smp 1
# kmtimer allocates in interrupts while kmtest is busy: none of it is kmtest's.
. "${0%/*}/functions.sh"

# shellcheck disable=SC2016
record '
	# without a process of its own
	running()
	{
		{ read -r name kind hard rest && read -r name kind soft rest
		} </proc/kmtimer
		[ "$hard" -lt 100 ] || [ "$soft" -lt 100 ]
	}
	insmod /modules/kmtest.ko
	insmod /modules/kmtimer.ko
	echo start >/proc/kmtimer
	while running; do
		echo spin 300 >/proc/kmtest
	done
	echo kmalloc >/proc/kmtest'
truth
