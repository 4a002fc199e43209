# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As perf, compressed; the module is there before, so that perf tells where, and of
# which file.
# run: --mem 1024 --timeout 900 --file /usr/bin/perf
. "${0%/*}/functions.sh"

insmod /modules/kmtest.ko
perf_held /tmp/perf.data -z --buildid-mmap
