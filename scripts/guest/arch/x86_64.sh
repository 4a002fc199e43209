# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
# What differs from one architecture to another; read by lib.sh.

DEB_ARCH=amd64			# Debian's name of the architecture
FLAVOUR=${FLAVOUR:-amd64}	# linux-image-$FLAVOUR, linux-headers-$FLAVOUR
KERNEL_IMAGE=vmlinuz		# /boot/$KERNEL_IMAGE-<release>
CROSS=x86_64-linux-gnu		# of the cross compiler, for other hosts
QEMU=qemu-system-x86_64
QEMU_ARGS="-machine q35 -cpu max,la57=off -vga none"
CONSOLE=ttyS0
# The trace clock is "local" as on real machines; on a busy host the timer may come
# too late for the check at boot, which then panics.
APPEND="tsc=reliable no_timer_check"
DEV_9P=virtio-9p-pci
DEV_BLK=virtio-blk-pci
BOOT_MODULES="virtio_pci"	# before 9pnet_virtio and 9p, or virtio_blk
