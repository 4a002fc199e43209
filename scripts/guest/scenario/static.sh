# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What modules take by being loaded: the kernel's own lists, and modmem's.
. "${0%/*}/functions.sh"

insmod /modules/kmtest.ko
insmod /modules/kmcache.ko
sleep 2			# init text goes some time after init
modmem static --json >"$OUT/static.json"
cat /proc/modules >"$OUT/modules"
cat /proc/vmallocinfo >"$OUT/vmallocinfo"
rmmod kmtest
rmmod kmcache
