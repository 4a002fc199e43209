# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What can happen to a recorder, with kprobes and modules there (check-hard).
# run: --timeout 1500 --file build/modmem --file build/tests/preload_full.so --file scripts/check-hard --file scripts/recordlib.sh
set -e
[ -e /proc/kmtest ] || insmod /modules/kmtest.ko
mkdir -p /usr/share/doc
export MODMEM=/usr/bin/modmem PRELOAD=/usr/bin/preload_full.so
REPEAT=12 sh /usr/bin/check-hard kill
REPEAT=6 sh /usr/bin/check-hard full
REPEAT=1 sh /usr/bin/check-hard starts
STOP_SECONDS=5 sh /usr/bin/check-hard stop
