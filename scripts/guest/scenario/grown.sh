# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# 200 objects of 8192 bytes are taken, and held: two copies of slabinfo show it.
. "${0%/*}/functions.sh"

record '
	insmod /modules/kmcache.ko
	echo "8k 200" >/proc/kmcache'
truth
rmmod kmcache
