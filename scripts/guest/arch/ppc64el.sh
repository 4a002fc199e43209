# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
# 64-bit little-endian, 64K pages

DEB_ARCH=ppc64el
FLAVOUR=${FLAVOUR:-powerpc64le}
KERNEL_IMAGE=vmlinux
CROSS=powerpc64le-linux-gnu
QEMU=qemu-system-ppc64
# TCG cannot offer what pseries mitigates by default
QEMU_ARGS="-machine pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off -cpu POWER9 -vga none"
CONSOLE=hvc0
DEV_9P=virtio-9p-pci
DEV_BLK=virtio-blk-pci
BOOT_MODULES=virtio_pci
