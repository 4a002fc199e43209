# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# As text, in the main instance: one buffer printed with each option that changes its
# lines, then a small one that sysrq-z makes the kernel print, then user stacks.
. "${0%/*}/functions.sh"

cd /sys/kernel/tracing
echo "$BUFFER" >buffer_size_kb
echo 1 >options/stacktrace
echo 1 >options/record-tgid
for event in kmem/kmalloc kmem/kmalloc_node kmem/kfree kmem/kmem_cache_alloc \
		kmem/kmem_cache_alloc_node kmem/kmem_cache_free \
		kmem/mm_page_alloc kmem/mm_page_free percpu module; do
	[ ! -d "events/$event" ] || echo 1 >"events/$event/enable"
done
insmod /modules/kmtest.ko
echo all >/proc/kmtest
echo leak >/proc/kmtest
echo 0 >tracing_on
truth
cat /proc/kallsyms >"$OUT/kallsyms"
echo 1 >options/sym-offset

# print NAME [OPTION...]: with these options turned over
print()
{
	p_name=$1
	shift
	for p_option; do
		echo $((1 - $(cat "options/$p_option"))) >"options/$p_option"
	done
	cat trace >"$OUT/$p_name.txt"
	for p_option; do
		echo $((1 - $(cat "options/$p_option"))) >"options/$p_option"
	done
}

print trace
for option in latency-format record-tgid sym-addr sym-userobj verbose fields raw hex \
		bin print-parent context-info irq-info hash-ptr; do
	[ ! -e "options/$option" ] || print "$option" "$option"
done
print latency-verbose latency-format verbose
print latency-addr latency-format sym-addr

echo 0 >trace
echo 1 >tracing_on
echo undo_kmalloc >/proc/kmtest
echo kmalloc >/proc/kmtest
echo 0 >tracing_on
dmesg -c >/dev/null
echo 1 >/proc/sys/kernel/sysrq
echo z >/proc/sysrq-trigger
dmesg >"$OUT/dump.txt"

echo 0 >trace
echo 1 >options/userstacktrace
echo 1 >tracing_on
cat /proc/kmtest >/dev/null
echo 0 >tracing_on
print user
print userobj sym-userobj
echo 0 >options/userstacktrace
