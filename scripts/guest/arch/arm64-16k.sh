# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
# 64-bit little-endian, 16K pages, 52-bit addresses; kernel 6.12 and later

DEB_ARCH=arm64
FLAVOUR=${FLAVOUR:-arm64-16k}
KERNEL_IMAGE=vmlinuz
CROSS=aarch64-linux-gnu
QEMU=qemu-system-aarch64
QEMU_ARGS="-machine virt,gic-version=3 -cpu max,pauth-impdef=on -vga none"
CONSOLE=ttyAMA0
DEV_9P=virtio-9p-pci
DEV_BLK=virtio-blk-pci
BOOT_MODULES=virtio_pci		# built in, or not
