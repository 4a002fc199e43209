# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The same test of two builds of one driver, the second of which leaks where it
# fails: what modmem diff is for. See scripts/check-guest.
# run: --file build/modmem
. "${0%/*}/functions.sh"

# session BUILD: records load, use and removal of it
session()
{
	modmem record -q -o /tmp/trace.dat -- sh -c "set -e
		insmod /modules/$1.ko
		echo 30 >/sys/module/kmleak/parameters/open
		cat /sys/module/kmleak/parameters/open >/tmp/truth
		rmmod kmleak" || return
	cp /tmp/trace.dat "$OUT/$1.dat"
	cp /tmp/truth "$OUT/$1.truth"
}

# where this boot has its kernel and modules
insmod /modules/kmleak.ko
grep -E ' (_text|kmleak_open[^[:space:]]*)([[:space:]]|$)' /proc/kallsyms >"$OUT/addresses"
rmmod kmleak
session kmleak
session kmleak-bug
mkdir "$OUT/bug"
cp /modules/kmleak-bug.ko "$OUT/bug/kmleak.ko"
