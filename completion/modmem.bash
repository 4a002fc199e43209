# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for modmem: what "modmem --complete" says

_modmem()
{
	local words=() at=() i cur=${COMP_WORDS[COMP_CWORD]} line kept

	[[ $cur != = ]] || cur=
	for ((i = 1; i <= COMP_CWORD; i++)); do
		# --by=site comes as three words
		if [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]] &&
			[[ ${words[*]: -1} == --* ]]; then
			words[${#words[@]} - 1]+=${COMP_WORDS[i]}
		else
			words+=("${COMP_WORDS[i]}")
			at+=("$i")
		fi
	done
	line=${words[*]: -1}
	kept=${line%"$cur"}

	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		:nospace) compopt -o nospace ;;
		:files | :dirs)
			compopt -o filenames
			i=-f
			[[ $line == :files ]] || i=-d
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$i" -- "$cur")
			;;
		:command*)
			i=${at[${line#* }]}
			if declare -F _command_offset >/dev/null; then
				_command_offset "$i"
			elif ((i == COMP_CWORD)); then
				mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			else
				compopt -o filenames
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			fi
			;;
		*)
			line=${line%%$'\t'*}
			COMPREPLY+=("${line#"$kept"}")
			;;
		esac
	done < <("$1" --complete "${words[@]}" 2>/dev/null)
}

complete -F _modmem modmem
