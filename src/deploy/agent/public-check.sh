# shellcheck shell=dash disable=SC2154
# The public check: the runner requests the URL and decides whether the release stays. If the runner does not answer in
# time, the server decides, as `check-on-lost` says.

await_decision() { # STAGE
  local begin decision='' why='' why_code=check-failed
  step "$1" "Wait for the public check of $check_url" || return
  event ask check
  begin=$(clock)
  until [ -e "$run/decision" ]; do
    if past "$begin" "$check_limit"; then put "$run/decision" "lost after $check_limit s" || return; fi
    nap
  done
  read -r decision why <"$run/decision"
  if [ "$decision" = lost ]; then
    say "  No answer from the runner $why: \`check-on-lost\` is ${on_lost}."
    decision=${on_lost% *} why_code=runner-lost why="the runner was lost before $check_url had answered"
  fi
  if [ "$decision" = keep ]; then rm -f "$record/on-lost"; return; fi
  # If the run is interrupted from here on, the next one rolls back, too.
  put "$record/on-lost" 'roll back' || :
  fail "$why_code" "$why"
}

# Stores the decision of the runner: keep, roll (back) or lost, and why.
decide() { # DECISION WHY
  printf '%s %s\n' "$1" "$2" >"$run/decision.new" && mv -f "$run/decision.new" "$run/decision"
}

# Returns whether an interrupted run was to keep its release without an answer of the runner.
was_to_keep() { [ "$(cat "$record/on-lost" 2>/dev/null)" != 'roll back' ]; }
