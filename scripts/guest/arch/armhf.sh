# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
# 32-bit little-endian (ARMv7)

DEB_ARCH=armhf
FLAVOUR=${FLAVOUR:-armmp}
KERNEL_IMAGE=vmlinuz
CROSS=arm-linux-gnueabihf
QEMU=qemu-system-arm
QEMU_ARGS="-machine virt,highmem=off -cpu cortex-a15 -vga none"
CONSOLE=ttyAMA0
DEV_9P=virtio-9p-device
DEV_BLK=virtio-blk-device
BOOT_MODULES=virtio_mmio
