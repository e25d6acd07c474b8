# SPDX-License-Identifier: ISC
# Completion of setkey(8) for fish. The words come from the program itself: "setkey complete".

function __setkey_ask
    # Users without root seldom have the sbin directories in their path.
    set -lx PATH $PATH /usr/local/sbin /usr/sbin /sbin
    command setkey $argv 2>/dev/null
end

function __setkey_words
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    set -l before $words[-1]
    set -l command

    if set -q words[2]; and contains -- $words[2] (__setkey_ask complete commands | string split -f 1 \t)
        set command $words[2]
    end
    switch $token
        case '--*=*'
            set -l parts (string split = -- $token)
            set -l option $parts[1]
            if set -q parts[3]
                set option $parts[1]=$parts[2]
            else
                set -e parts[2]
            end
            set -l values (__setkey_ask complete values (string sub -s 3 -- $parts[1]) $command $parts[2])
            # One without words of its own may well name a file.
            set -q values[1]; or set values (__fish_complete_path (string split -m 1 = -- $token)[2])
            for value in $values
                echo $option=$value
            end
            return
        case '-*'
            __setkey_ask complete options $command
            return
    end
    if string match -q -- '--*' $before
        set -l start
        set -l id
        if string match -q -- '*=*' $token
            set id (string split -m 1 = -- $token)[1]
            set start $id=
        end
        set -l values (__setkey_ask complete values (string sub -s 3 -- $before) $command $id)
        if set -q values[1]
            string join \n "$start"$values
            return
        end
    end
    switch "$command"
        case ''
            test "$before" = -e; and return
            set -q words[2]; or __setkey_ask complete commands
            __fish_complete_path $token
        case explain
            __setkey_ask explain | string replace -r '^(\S+)\s+(\S+)\s+(.*)' '$1\t$3\n$2\t$3'
            __setkey_ask complete counters
        case help
            __setkey_ask complete commands
            __setkey_ask explain | string replace -r '^(\S+)\s+(\S+)\s+(.*)' '$1\t$3\n$2\t$3'
        case encode decode diff sync load save lint doctor match fmt mirror peercheck
            __fish_complete_path $token
        case '*'
            if contains -- $before (__setkey_ask complete operands $command)
                __setkey_ask complete operands $command $before
            else
                __setkey_ask complete operands $command
            end
    end
end

complete -c setkey -f -a '(__setkey_words)'
