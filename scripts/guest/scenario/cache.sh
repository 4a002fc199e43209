# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# run: --append slub_debug=FZPU,kmcache_debug
# Two slab caches, one with debugging, are filled and emptied step by step.
. "${0%/*}/functions.sh"

RECORD_ARGS="-C mono"
# a small recording is that of the shell alone
! grep -q kallsyms=small /proc/cmdline || RECORD_ARGS="-C mono -F"
record '
	. /scenario/functions.sh
	fill_caches /tmp/cache.steps'
truth
cat /tmp/cache.steps >>"$OUT/truth.txt"
rmmod kmcache
