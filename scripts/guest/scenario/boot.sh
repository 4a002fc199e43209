# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What scripts/guest/init began before the first driver (guest.switch_root), seen from the
# root that it went to.
# run: --append guest.switch_root --append modmem.watch=buffer-size=8192 --file build/modmem --file scripts/boot/boot-watch
. "${0%/*}/functions.sh"

modmem watch --status
watcher=$(modmem watch --status --json | sed -n 's/.*"pid": \([0-9]*\),/\1/p')
case $(cat "/proc/$watcher/cmdline") in
@*) ;;
*) echo "the watcher's name does not begin with @"; exit 1 ;;
esac
# it holds nothing of the old root
[ "$(stat -c %d:%i "/proc/$watcher/root/")" = "$(stat -c %d:%i /)" ] || {
	echo "the watcher has another root"
	exit 1
}
echo leak >/proc/kmtest
truth
modmem report -q --now --json >"$OUT/report.json"
modmem report -q --now | cat
boot-watch start	# (a second one is none)
boot-watch stop
[ -z "$(ls /sys/kernel/tracing/instances)" ]
[ ! -e /run/modmem ]
