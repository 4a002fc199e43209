# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# run: --append slub_debug=FZPU,kmcache_debug
# As cache, by plain trace-cmd whatever the command line says.
. "${0%/*}/functions.sh"

RECORDER=trace-cmd
RECORD_ARGS="-C mono"
record '
	. /scenario/functions.sh
	fill_caches /tmp/cache.steps'
truth
cat /tmp/cache.steps >>"$OUT/truth.txt"
rmmod kmcache
