# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for modmem

# Completes the last name of a comma list, perhaps with a "+" in front.
_modmem_list()
{
	local cur=$1 names=$2 done=

	case $cur in
	*,*) done=${cur%,*}, ;;
	+*) done=+ ;;
	esac
	compopt -o nospace
	mapfile -t COMPREPLY < <(compgen -P "$done" -W "$names" -- "${cur#"$done"}")
}

# The value of --by on this command line.
_modmem_by()
{
	local i by=module

	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--by) by=${COMP_WORDS[i + 1]} ;;
		esac
		# --by=site comes as three words
		[[ $by != = ]] || by=${COMP_WORDS[i + 2]}
	done
	echo "$by"
}

_modmem_columns()
{
	case $(_modmem_by) in
	module)
		echo "MODULE STATE SLAB PAGES VMALLOC PERCPU DMA DMA_BLOCKS
			LIVE INDUCED OVERHEAD SLAB_PAGES SLAB_EXTS SHEAVES VMAP
			PERCPU_CHUNKS RCU DEBUG STATIC_PERCPU PEAK PEAK_TIME
			STATIC LSMOD TOTAL UNCERTAIN REQUESTED OBJECTS ALLOCATED FREED
			EVICTED ALLOCS FREES FAILED LEAKED TIMELINE"
		;;
	site)
		echo "MODULE FUNCTION KIND VIA CHARGE LIVE OBJECTS ALLOCS FREES
			REQUESTED PEAK ALLOCATED EVICTED UNCERTAIN OLDEST SOURCE"
		;;
	cache)
		echo "MODULE CACHE OBJSIZE OBJECTS LIVE SLABS SLAB_BYTES SLOTS USE
			ALLOCS FREES EVICTED NOTE"
		;;
	stack)
		echo "MODULE CHARGE KIND LIVE INDUCED OVERHEAD BLOCKS OBJECTS
			ALLOCATED ALLOCS FREES STACK"
		;;
	task)
		echo "PID COMM MODULE SLAB PAGES VMALLOC PERCPU DMA LIVE INDUCED
			ALLOCS FREES"
		;;
	esac
}

_modmem_report()
{
	local cur=$1 prev=$2
	local options="--by --module --sort --columns --min --all --bytes
		--overhead --at --from --to --format --json --addresses --attribute
		--modules --kallsyms --page-size --reconcile --timeline --lines --vmlinux
		--module-dir --debug-dir --strict --check -q --quiet -h --help"

	case $prev in
	--by) options="module site cache stack task" ;;
	--format) options="table json csv" ;;
	--attribute) options="own nearest outermost" ;;
	--sort) options=$(_modmem_columns) ;;
	--columns)
		_modmem_list "$cur" "$(_modmem_columns)"
		return
		;;
	--module)
		_modmem_list "$cur" "$(cut -d ' ' -f 1 /proc/modules 2>/dev/null)"
		return
		;;
	--min | --at | --from | --to) return ;;
	--modules | --kallsyms | --vmlinux | --module-dir | --debug-dir) options= ;;
	*) [[ $cur == -* ]] || options= ;;
	esac

	if [[ $options ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

_modmem_diff()
{
	local cur=$1 prev=$2
	local options="--fail-on --limits --metric --format --all --bytes
		--lines --vmlinux --module-dir --debug-dir --allow-untrusted --allow-different -q --quiet -h --help"
	local formats="table json junit markdown github"
	local metrics="live peak leaked overhead allocs churn induced"

	case $prev in
	--format) mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$cur") ;;
	--metric) _modmem_list "$cur" "all $metrics" ;;
	--fail-on) mapfile -t COMPREPLY < <(compgen -W "none" -- "$cur") ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		;;
	esac
}

_modmem_export()
{
	local cur=$1 prev=$2
	local options="--to -o --output --module --metric --charge --offsets
		--at --from --attribute --modules --kallsyms --page-size --strict --check
		-q --quiet -h --help"

	case $prev in
	--to) options="html folded pprof openmetrics csv perfetto" ;;
	--metric) options="live peak allocated objects allocs" ;;
	--attribute) options="own nearest outermost" ;;
	--charge)
		_modmem_list "$cur" "own induced overhead"
		return
		;;
	--module)
		_modmem_list "$cur" "$(cut -d ' ' -f 1 /proc/modules 2>/dev/null)"
		return
		;;
	--at | --from) return ;;
	-o | --output | --modules | --kallsyms) options= ;;
	*) [[ $cur == -* ]] || options= ;;
	esac

	if [[ $options ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

_modmem_leaks()
{
	local cur=$1 prev=$2
	local options="--older-than --likely --suppress --every --module --min --all
		--bytes --from --to --format --json --modules --kallsyms --page-size
		--strict --check -q --quiet -h --help"

	case $prev in
	--format) options="table json csv" ;;
	--module)
		_modmem_list "$cur" "$(cut -d ' ' -f 1 /proc/modules 2>/dev/null)"
		return
		;;
	--older-than | --every | --min | --from | --to) return ;;
	--suppress | --modules | --kallsyms) options= ;;
	*) [[ $cur == -* ]] || options= ;;
	esac

	if [[ $options ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

# Options of record and run, and then a command with completions of its own.
_modmem_record()
{
	local cur=$1 prev=$2 i
	local options="-o --output -b --buffer-size -c --clock -d --duration
		--no-probes --module -q --quiet --clean --restore -h --help"

	[[ ${COMP_WORDS[1]} != run ]] ||
		options="-b --buffer-size -c --clock -d --duration
			--no-probes --module -q --quiet -h --help"

	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--) break ;;
		-o | --output | -b | --buffer-size | -c | --clock | -d | \
			--duration | --module | --restore) ((i++)) ;;
		-*) ;;
		*) break ;;
		esac
	done
	if ((i < COMP_CWORD)); then
		[[ ${COMP_WORDS[i]} != -- ]] || ((i++))
		if declare -F _command_offset >/dev/null; then
			_command_offset "$i"
		else
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -c -f -- "$cur")
		fi
		return
	fi
	case $prev in
	-c | --clock)
		options=$(tr -d '[]' </sys/kernel/tracing/trace_clock 2>/dev/null)
		;;
	-o | --output | --restore)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--module)
		_modmem_list "$cur" "$(cut -d ' ' -f 1 /proc/modules 2>/dev/null)"
		return
		;;
	-b | --buffer-size | -d | --duration) return ;;
	*)
		if [[ $cur != -* ]]; then
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			return
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
}

_modmem_top()
{
	local cur=$1 prev=$2
	local options="-d --delay -n --iterations --once -b --batch --format
		-s --sort -r --reverse --module --all --openmetrics
		--buffer-size --no-probes -h --help"

	case $prev in
	--format) options="table json" ;;
	-s | --sort) options="live induced peak rate allocs frees name" ;;
	--module)
		_modmem_list "$cur" "$(cut -d ' ' -f 1 /proc/modules 2>/dev/null)"
		return
		;;
	--openmetrics)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-d | --delay | -n | --iterations | --buffer-size) return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
}

_modmem_static()
{
	local cur=$1 prev=$2
	local options="--recording --modules --kallsyms --sysroot --sections
		--page-size --cpus --bytes --format --json -q --quiet -h --help"

	case $prev in
	--format) options="table json csv" ;;
	--page-size) options="4K 16K 64K" ;;
	--cpus) return ;;
	--sysroot)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--recording | --modules | --kallsyms) options= ;;
	*) [[ $cur == -* ]] || options=$(cut -d ' ' -f 1 /proc/modules 2>/dev/null) ;;
	esac
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	[[ $cur == -* || $prev == --format || $prev == --page-size ]] ||
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
}

_modmem()
{
	local cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="record run report top static export leaks diff help"

	# --by=site comes as three words
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W \
			"$commands -h --help -V --version" -- "$cur")
		return
	fi
	case ${COMP_WORDS[1]} in
	record | run) _modmem_record "$cur" "$prev" ;;
	report) _modmem_report "$cur" "$prev" ;;
	diff) _modmem_diff "$cur" "$prev" ;;
	top) _modmem_top "$cur" "$prev" ;;
	static) _modmem_static "$cur" "$prev" ;;
	export) _modmem_export "$cur" "$prev" ;;
	leaks) _modmem_leaks "$cur" "$prev" ;;
	help) mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur") ;;
	esac
}

complete -F _modmem modmem
