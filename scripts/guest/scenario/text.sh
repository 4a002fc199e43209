# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As held, without trace-cmd: what tracefs prints is all there is. One buffer is
# printed three ways: with options/sym-offset, without it, and by trace_pipe.
. "${0%/*}/functions.sh"

dir=/sys/kernel/tracing/instances/text
mkdir "$dir"
echo "$BUFFER" >"$dir/buffer_size_kb"
echo 1 >"$dir/options/stacktrace"
for event in kmem/kmalloc kmem/kmalloc_node kmem/kfree kmem/kmem_cache_alloc \
		kmem/kmem_cache_alloc_node kmem/kmem_cache_free \
		kmem/mm_page_alloc kmem/mm_page_free percpu module; do
	[ ! -d "$dir/events/$event" ] || echo 1 >"$dir/events/$event/enable"
done
insmod /modules/kmtest.ko
echo all >/proc/kmtest
echo leak >/proc/kmtest
echo 0 >"$dir/tracing_on"
truth
echo 1 >"$dir/options/sym-offset"
cat "$dir/trace" >"$OUT/trace.txt"
echo 0 >"$dir/options/sym-offset"
cat "$dir/trace" >"$OUT/plain.txt"
cat /proc/kallsyms >"$OUT/kallsyms"
echo 1 >"$dir/options/sym-offset"
timeout 20 cat "$dir/trace_pipe" >"$OUT/pipe.txt" || true
rmdir "$dir"
