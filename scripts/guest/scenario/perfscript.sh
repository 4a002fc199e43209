# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# run: --mem 1024 --file /usr/bin/perf
# As held, by perf, which does not know the module: what perf script prints of it.
. "${0%/*}/functions.sh"

perf record -o /tmp/perf.data -e 'kmem:*' -e 'percpu:*' -g -a -m 4M -- sh -c '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
truth
cat /proc/kallsyms >"$OUT/kallsyms"
perf script -i /tmp/perf.data >"$OUT/perf.txt"
