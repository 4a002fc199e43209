#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut: modmem, its libraries, and a hook that comes before udev

check()
{
	require_binaries @bindir@/modmem
}

depends()
{
	return 0
}

# dracut sets moddir and initdir
# shellcheck disable=SC2154
install()
{
	inst_multiple mount
	inst_binary @bindir@/modmem /usr/bin/modmem
	ln -sf modmem "$initdir/usr/bin/@modmem"
	inst_simple @libdir@/boot-watch /usr/bin/boot-watch
	inst_hook cmdline 00 "$moddir/start.sh"
}
