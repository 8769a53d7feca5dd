# shellcheck shell=dash disable=SC2154,SC2034
# Tells the action the result of a run that ended without a verdict.

settled_verdict() { # RUN-ID
  local after="$1"
  if [ -e "$state/runs/$after/verdict" ]; then
    cp -p "$state/runs/$after/verdict" "$run/verdict.new" && mv -f "$run/verdict.new" "$run/verdict"
  elif verdict_from_history; then
    :
  elif [ "$(value_of id "$state/record/run")" = "$after" ]; then
    # No verdict is better than a wrong one.
    say "${reason:-the cleanup failed}: the result of the interrupted deploy is not known yet"
  else
    # Every run that wrote a record has been settled by now and is in the history, so this one had none.
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
