# shellcheck shell=dash disable=SC2154,SC2034
# For the action whose run is gone without a verdict: what became of it.

settled_verdict() { # RUN-ID
  local after="$1"
  if [ -e "$state/runs/$after/verdict" ]; then
    cp -p "$state/runs/$after/verdict" "$run/verdict.new" && mv -f "$run/verdict.new" "$run/verdict"
  elif verdict_from_history; then
    :
  elif [ "$(value_of id "$state/record/run")" = "$after" ]; then
    # No verdict is better than a false one.
    say "${reason:-the cleanup failed}: the result of the interrupted deploy is not known yet"
  else
    # Everything that gets as far as a record is settled, and is in the history then.
    failed_stage=cut failed_code=cut-off why_failed='the run was interrupted before it changed anything'
    write_verdict unchanged "$run"
  fi
}

verdict_from_history() {
  local when verdict service image tags commit ref number by took where link whose before logged found=''
  while IFS=$tab read -r when verdict service image tags commit ref number by took where link whose before logged; do
    [ "$whose" = "$after" ] || continue
    [ -n "$found" ] || found="kind $verdict${newline}stage $where${newline}code cut-off${newline}reason the run was interrupted"
    found="$found${newline}previous $service $before"
    case $verdict in ok) before=$image ;; removed | broken) before=- ;; esac
    found="$found${newline}deployed $service $before"
  done 2>/dev/null <"$history"
  [ -n "$found" ] && put "$run/verdict" "$found" end
}
