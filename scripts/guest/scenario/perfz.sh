# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As perf, compressed.
# run: --mem 1024 --timeout 900 --file /usr/bin/perf
. "${0%/*}/functions.sh"

perf_held /tmp/perf.data -z
