# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As held, while the tracer function_graph has replaced the return addresses of the
# allocators: their events name return_to_handler as the caller.
. "${0%/*}/functions.sh"

RECORD_ARGS="-p function_graph -l *kmalloc* -l kmem_cache_alloc* -l *alloc_pages* \
	-l *alloc_percpu* -l *vmalloc* -l dma_alloc_*"
record '
	insmod /modules/kmtest.ko
	echo all >/proc/kmtest
	echo leak >/proc/kmtest'
truth
