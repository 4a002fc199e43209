# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# 40 objects are freed with kfree_rcu(); nothing is held afterwards.
. "${0%/*}/functions.sh"

record '
	insmod /modules/kmtest.ko
	echo rcu >/proc/kmtest
	echo undo_rcu >/proc/kmtest
	sleep 2'
truth
