# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
# 64-bit big-endian, 4K pages

DEB_ARCH=s390x
FLAVOUR=${FLAVOUR:-s390x}
KERNEL_IMAGE=vmlinuz
CROSS=s390x-linux-gnu
QEMU=qemu-system-s390x
QEMU_ARGS="-machine s390-ccw-virtio -cpu max"
CONSOLE=ttysclp0
DEV_9P=virtio-9p-ccw
DEV_BLK=virtio-blk-ccw
BOOT_MODULES=			# virtio_ccw is built in
