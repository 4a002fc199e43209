# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# run: --modules "scsi_debug"
# vmalloc areas of more than 2 MiB, and smaller ones; what vmallocinfo says of them.
. "${0%/*}/functions.sh"

modprobe scsi_mod
record '
	modprobe scsi_debug dev_size_mb=5 no_uld=1
	insmod /modules/kmtest.ko
	echo vmalloc >/proc/kmtest'
grep -E ' \[(kmtest|scsi_debug)\]' /proc/vmallocinfo >"$OUT/vmallocinfo"
truth
