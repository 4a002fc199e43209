#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut sources it: the shell goes on

/usr/bin/boot-watch start || :
