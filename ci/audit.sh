#!/usr/bin/env bash
# Runs migaudit as a step of a pipeline, as the variables say, and ends with its exit code:
#
#   AUDIT_HOME           the environment that install.sh made
#   AUDIT_FOLDER         the folder for the results; made if it is not there
#   AUDIT_COMMAND        scan or preflight
#   AUDIT_SUBSCRIPTIONS  ids or names, one a line; for a scan, all that the account sees where it is empty
#   AUDIT_PROJECT        the project of a preflight
#   AUDIT_ACCOUNTS       the accounts to ask about, one a line
#   AUDIT_FAIL_ON        the least severity of a finding that fails a scan
#   AUDIT_STRICT         true: a scan fails where something stays unknown
#   AUDIT_ARGUMENTS      further options as OPTION=VALUE, one a line
#
# No value is ever read as a part of a command: each is one argument, attached to its option.
set -euo pipefail

home=${AUDIT_HOME:?} folder=${AUDIT_FOLDER:?} command=${AUDIT_COMMAND:-scan}
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
    [[ ${AUDIT_STRICT:-} != [Tt]rue ]] || arguments+=(--strict)
    formats=(json html markdown sarif junit)
    ;;
preflight)
    each --project= "${AUDIT_PROJECT:-}"
    each --account= "${AUDIT_ACCOUNTS:-}"
    formats=(json html markdown)
    ;;
*)
    echo "AUDIT_COMMAND is neither scan nor preflight" >&2
    exit 2
    ;;
esac
while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ $line == --* || -z $line ]] || {
        echo "AUDIT_ARGUMENTS takes options as OPTION=VALUE, one a line" >&2
        exit 2
    }
    [[ -z $line ]] || arguments+=("$line")
done <<<"${AUDIT_ARGUMENTS:-}"

mkdir -p "$folder"
arguments+=(--format=table)
for form in "${formats[@]}"; do
    arguments+=("--format=$form=$folder/migaudit.$form")
done

# Names in Azure may look like the commands that runners obey in the output of a step: they are broken up.
code=0
"$home/bin/migaudit" "$command" "${arguments[@]}" 2>&1 |
    sed -e 's/##\(vso\)\{0,1\}\[/# #\1[/g' -e 's/^\([[:space:]]*\)::/\1: :/' || code=${PIPESTATUS[0]}

if [[ -n ${GITHUB_OUTPUT:-} ]]; then
    for form in sarif html; do
        [[ ! -f $folder/migaudit.$form ]] || echo "$form=$folder/migaudit.$form" >>"$GITHUB_OUTPUT"
    done
    [[ ! -f $folder/migaudit.markdown ]] || head -c 900000 "$folder/migaudit.markdown" >>"$GITHUB_STEP_SUMMARY"
fi
if [[ ${TF_BUILD:-} == True && -f $folder/migaudit.markdown ]]; then
    echo "##vso[task.uploadsummary]$folder/migaudit.markdown"
fi
exit "$code"
