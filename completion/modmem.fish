# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for modmem: what "modmem --complete" says

function __modmem_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l word (string replace -r -- '^--[^=]*=' '' $words[-1])
    set -l kept (string replace -- "$word" '' $words[-1])

    for line in ($words[1] --complete $words[2..-1] 2>/dev/null)
        switch $line
            case :nospace
            case :files
                printf "$kept%s\n" (__fish_complete_path $word)
            case :dirs
                printf "$kept%s\n" (__fish_complete_directories $word)
            case ':command *'
                set -l first (math 2 + (string split ' ' -- $line)[2])
                complete -C (string join ' ' -- (string escape -- $words[$first..-1]))
            case '*'
                echo $line
        end
    end
end

complete -c modmem -f -a '(__modmem_complete)'
