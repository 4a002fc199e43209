# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Every way in which a recording can end, with kprobes and modules there; one has a
# name that can be written in other ways.
# run: --timeout 900 --modules null_blk --file build/modmem --file scripts/smoke-record --file scripts/recordlib.sh
set -e
[ -e /proc/kmtest ] || insmod /modules/kmtest.ko
mkdir -p /usr/share/doc
MODMEM=/usr/bin/modmem sh /usr/bin/smoke-record
