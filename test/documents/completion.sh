#!/usr/bin/env bash
# completion.sh PROGRAM: checks the completion scripts. Bash and fish run them; zsh checks the syntax.
set -euo pipefail
program=$1
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
for shell in bash zsh fish; do
    "$program" describe "$shell" >"$work/$shell"
    if ! command -v "$shell" >/dev/null; then
        echo "not checked: there is no $shell"
        continue
    fi
    "$shell" -n "$work/$shell"
done
mkdir "$work/a trail"
cd "$work"
# shellcheck source=/dev/null
source "$work/bash"

compopt() { :; }  # the builtin works only when bash itself completes

# expect WORDS LINE…: completing the last word of the line gives the words.
expect() {
    local wanted=$1
    shift
    COMP_WORDS=(audit-trail "$@") COMP_CWORD=$#
    _audit_trail
    if [[ "${COMPREPLY[*]}" != "$wanted" ]]; then
        echo "audit-trail $*: ${COMPREPLY[*]}, and not: $wanted"
        exit 1
    fi
}
expect "recover replay" re
expect "jsonl json" query ROOT --format js
expect "csv" query ROOT --format = c
expect "create update delete" follow --operation ""
expect "--model-name --min-id --max-id" replay --m
expect "" query --domain ""
expect "a trail" verify "a"
for command in $("$program" --help | sed '1,/^Subcommands/d' | awk '/^  [a-z]/ { print $1 }'); do
    expect "$command" "$command"
    expect "--help" "$command" --he
done
if command -v fish >/dev/null; then
    found=$(fish -c "source $work/fish; complete -C 'audit-trail stats ROOT --by u'")
    [[ $found == user* ]] || { echo "fish completes --by u as: $found" && exit 1; }
fi
