# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2016
# run: --modules "scsi_debug sd_mod zram loop ext4 xfs crc32c_generic" --file /usr/sbin/mkfs.ext4
# run: --file /usr/sbin/mkfs.xfs --mem 1024
# Block devices and file systems of a stock kernel at work, and what the kernel itself
# says of them without any help: disks of a known size, vmallocinfo, mm_stat, slabinfo.
. "${0%/*}/functions.sh"

modprobe sd_mod
modprobe loop
modprobe crc32c_generic
modprobe ext4
truncate -s 320M /tmp/xfs.img
mkfs.xfs -q /tmp/xfs.img
mkdir -p /mnt/a /mnt/b
sync
cp /proc/slabinfo "$OUT/slabinfo.before"
record '
	modprobe scsi_debug dev_size_mb=16 delay=0
	modprobe xfs
	modprobe zram
	echo 16M >/sys/block/zram0/disksize
	dd if=/dev/urandom of=/dev/zram0 bs=64k count=16 2>/dev/null
	while [ ! -b /dev/sda ]; do sleep 0.1; done
	mkfs.ext4 -q /dev/sda
	mount -t ext4 /dev/sda /mnt/a
	mount -t xfs -o loop /tmp/xfs.img /mnt/b
	for dir in /mnt/a /mnt/b; do
		for i in 1 2 3; do
			mkdir $dir/$i
			cp /init $dir/$i/f
			cp /init $dir/$i/g
			rm $dir/$i/g
		done
	done
	sync
	sleep 1'

cp /proc/slabinfo "$OUT/slabinfo.after"
cat /sys/block/zram0/mm_stat >"$OUT/mm_stat"
cp /proc/vmallocinfo "$OUT/vmallocinfo"
truth
