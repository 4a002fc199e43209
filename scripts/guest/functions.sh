# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# For the scenarios, in the guest. The harness sets OUT, the output folder.

set -e

BUFFER=6000			# KiB per CPU
EVENTS="-e kmem -e percpu -e module"
STACKS=-T
RECORD_ARGS=
# "recorder=modmem" on the command line: by modmem itself, with its probes
RECORDER=trace-cmd
! grep -q recorder=modmem /proc/cmdline || RECORDER=modmem

# record COMMANDS: while this shell line runs
record()
{
	r_end=
	if grep -q kallsyms=small /proc/cmdline; then
		sh /scenario/small-kallsyms begin
		r_end='sh /scenario/small-kallsyms end'
	fi
	if [ "$RECORDER" = modmem ]; then
		modmem record -o /tmp/trace.dat -- sh -c "set -e
			$1
			$r_end" >/tmp/record.log 2>&1 || {
			cat /tmp/record.log
			return 1
		}
		cat /tmp/record.log
		cp /tmp/trace.dat "$OUT/trace.dat"
		return
	fi
	# shellcheck disable=SC2086
	trace-cmd record $STACKS -b "$BUFFER" $EVENTS $RECORD_ARGS \
		-o /tmp/trace.dat sh -c "set -e
			$1
			$r_end" >/tmp/record.log 2>&1 || {
		cat /tmp/record.log
		return 1
	}
	grep -iE 'lost|overrun' /tmp/record.log || true
	cp /tmp/trace.dat "$OUT/trace.dat"
}

# moment: seconds of the clock "mono", with nothing going on just before or after
moment()
{
	sleep 0.1
	m_now=$(cut -d " " -f 1 /proc/uptime)
	sleep 0.1
	echo "$m_now"
}

# fill_caches STEPS: the objects of kmcache's two caches at each step, and what
# the kernel says of them then
fill_caches()
{
	insmod /modules/kmcache.ko
	for f_cache in debug plain; do
		for f_n in 1 6 1 52 -60 60; do
			echo "$f_cache $f_n" >/proc/kmcache
			echo "[step $(moment) kmcache_$f_cache]"
			cat /proc/kmcache
			grep '^kmcache' /proc/slabinfo
		done
	done >"$1"
}

# truth: what the modules and the kernel say at the end
truth()
{
	{
		for t_file in kmtest kmother kmtimer kmbulk; do
			[ -e "/proc/$t_file" ] || continue
			echo "[$t_file]"
			cat "/proc/$t_file"
		done
		echo "[slabinfo]"
		grep -E '^(# name|kmtest)' /proc/slabinfo || true
		echo "[vmallocinfo]"
		grep -E ' \[(kmtest|kmother|kmtimer)\]' /proc/vmallocinfo || true
		echo "[kernel]"
		uname -r
	} >"$OUT/truth.txt"
	cat /proc/modules >"$OUT/modules"
	if umount /proc/kallsyms 2>/dev/null; then
		cat /proc/kallsyms >"$OUT/kallsyms"
	fi
}

# perf_held FILE OPTION...: as the scenario held, by perf record, to FILE or, where that
# is "-", through a pipe; and those symbols that stacks name, the next one after each,
# and those of the test modules
perf_held()
{
	p_file=$1
	shift
	set -- record -B -N -m 4096 -e 'kmem:*' -e 'percpu:*' -e 'module:*' -g -a \
		-o "$p_file" "$@" -- sh -c 'set -e
			[ -e /proc/kmtest ] || insmod /modules/kmtest.ko
			echo all >/proc/kmtest
			echo leak >/proc/kmtest'
	if [ "$p_file" = - ]; then
		p_file=/tmp/perf.data
		perf "$@" 2>/tmp/record.log | cat >"$p_file"
	else
		perf "$@" >/tmp/record.log 2>&1
	fi
	cat /tmp/record.log
	cp "$p_file" "$OUT/perf.data"
	truth
	perf script -i "$p_file" -F ip 2>/dev/null | sed 's/^[ \t]*//' | sort -u >/tmp/used
	sort /proc/kallsyms | awk '
	FNR == NR {
		used[n++] = "x" $1
		next
	}
	/\[km/ || $3 ~ /^_?_?(text|stext|etext|sinittext|einittext|end)$/ {
		print
		next
	}
	# all names of an address stay together; of one length they compare as text
	$1 != last {
		while (i < n && used[i] < "x" last)
			i++
		keep = next_too
		next_too = i < n && used[i] < "x" $1
		if (keep || next_too)
			printf "%s", held
		held = ""
		last = $1
	}
	{ held = held $0 "\n" }' /tmp/used - >"$OUT/kallsyms"
}
