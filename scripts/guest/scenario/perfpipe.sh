# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As perf, through a pipe.
# run: --mem 1024 --timeout 900 --file /usr/bin/perf
. "${0%/*}/functions.sh"

perf_held -
