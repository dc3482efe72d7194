#!/usr/bin/env bash
# Runs migaudit as a step of a pipeline, as the variables say, and ends with its exit code:
#
#   AUDIT_HOME           the environment that install.sh made
#   AUDIT_FOLDER         the folder for the results; made if it is not there
#   AUDIT_COMMAND        scan or preflight
#   AUDIT_SUBSCRIPTIONS  ids or names, one a line; for a scan, all that the account sees where it is empty
#   AUDIT_PROJECT        the project of a preflight
#   AUDIT_ACCOUNTS       the accounts to ask about, one a line
#   AUDIT_AUTH           how to sign in, as `--auth` takes it; where it is empty, the first way that is set up
#   AUDIT_FAIL_ON        the least severity of a finding that fails a scan
#   AUDIT_STRICT         true: a scan fails where something stays unknown; false: it does not
#   AUDIT_ARGUMENTS      further options as OPTION=VALUE, one a line
#
# No value is ever read as a part of a command: each is one argument, attached to its option.
set -euo pipefail

refuse() { # refuse TEXT: end as migaudit does on wrong usage
    echo "error: $1" >&2
    exit 2
}

[[ -n ${AUDIT_HOME:-} && -n ${AUDIT_FOLDER:-} ]] || refuse "AUDIT_HOME and AUDIT_FOLDER must name folders"
home=$AUDIT_HOME folder=$AUDIT_FOLDER command=${AUDIT_COMMAND:-scan}
[[ -x $home/bin/migaudit ]] || refuse "AUDIT_HOME has no bin/migaudit: run install.sh first"
arguments=()

each() { # each PREFIX LINES: add PREFIX and the line as one argument, for every line that is not empty
    local line
    while IFS= read -r line || [[ -n $line ]]; do
        line=${line%$'\r'}
        [[ -z ${line//[[:space:]]/} ]] || arguments+=("$1$line")
    done <<<"$2"
}

each --subscription= "${AUDIT_SUBSCRIPTIONS:-}"
case $command in
scan)
    ((${#arguments[@]})) || arguments+=(--all)
    each --account= "${AUDIT_ACCOUNTS:-}"
    each --fail-on= "${AUDIT_FAIL_ON:-high}"
    case ${AUDIT_STRICT:-false} in
    [Tt]rue) arguments+=(--strict) ;;
    [Ff]alse) ;;
    *) refuse "AUDIT_STRICT is neither true nor false" ;;
    esac
    formats=(json html markdown sarif junit)
    ;;
preflight)
    each --project= "${AUDIT_PROJECT:-}"
    each --account= "${AUDIT_ACCOUNTS:-}"
    formats=(json html markdown)
    ;;
*) refuse "AUDIT_COMMAND is neither scan nor preflight" ;;
esac
each --auth= "${AUDIT_AUTH:-}"
while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ $line == --* || -z ${line//[[:space:]]/} ]] || refuse "AUDIT_ARGUMENTS takes options as OPTION=VALUE, one a line"
    [[ -z ${line//[[:space:]]/} ]] || arguments+=("$line")
done <<<"${AUDIT_ARGUMENTS:-}"

# What an earlier run left here is not a result of this one, whatever becomes of it.
if ! mkdir -p "$folder" || ! rm -f "$folder"/migaudit.{json,html,markdown,sarif,junit} || [[ ! -w $folder ]]; then
    refuse "the folder of AUDIT_FOLDER cannot be written to"
fi
arguments+=(--format=table)
for form in "${formats[@]}"; do
    arguments+=("--format=$form=$folder/migaudit.$form")
done

# Names in Azure may look like the commands that runners obey in the output of a step, at the begin of a line or inside
# it: they are broken up. Line by line, so that the log of a long scan goes on.
line_by_line=-u # of GNU and newer BSD
sed -u '' </dev/null 2>/dev/null || line_by_line=-l
code=0
"$home/bin/migaudit" "$command" "${arguments[@]}" 2>&1 |
    sed "$line_by_line" -e $'s/\r/ /g' -e 's/##\(vso\)\{0,1\}\[/# #\1[/g' -e ':again' -e 's/::/: :/' -e 'tagain' ||
    code=${PIPESTATUS[0]}

summary() { # summary FILE BYTES: the whole file, or whole lines of it and a sentence that says what is missing
    local size
    size=$(wc -c <"$1")
    if ((size <= $2)); then
        cat "$1"
    else
        head -c "$2" "$1" | sed '$d'
        printf '\n**Cut here: %d bytes of %d are shown.** The whole is in the results of this run.\n' "$2" "$size"
    fi
}

markdown=$folder/migaudit.markdown
if [[ -n ${GITHUB_OUTPUT:-} ]]; then
    echo "folder=$folder" >>"$GITHUB_OUTPUT"
    for form in sarif html; do
        [[ ! -f $folder/migaudit.$form ]] || echo "$form=$folder/migaudit.$form" >>"$GITHUB_OUTPUT"
    done
fi
if [[ -n ${GITHUB_STEP_SUMMARY:-} && -f $markdown ]]; then
    summary "$markdown" 900000 >>"$GITHUB_STEP_SUMMARY"
fi
if [[ ${TF_BUILD:-} == True && -f $markdown ]]; then
    echo "##vso[task.uploadsummary]$markdown"
fi
exit "$code"
