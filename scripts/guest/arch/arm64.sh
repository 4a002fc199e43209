# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# 64-bit little-endian, 4K pages; otherwise as with 16K

FLAVOUR=${FLAVOUR:-arm64}
# shellcheck source=arm64-16k.sh
. "$GUEST_DIR/arch/arm64-16k.sh"
