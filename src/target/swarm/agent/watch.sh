# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Waits until all services have converged, all at once. For each service that has ended, swarm/results has a line `WORD
# NAME: REASON`. WORD is ok, a failure of judge.sh, or
#   timeout   there was no more progress
#   lost      no manager answered up to the deadline
#   gone      the service was removed
#   stopped   another service had failed

# LINES are `NAME MARK IMAGE BEFORE-MARK BEFORE-IMAGE`, with `-` for an empty field and a newline after each.
watch_all() { # LINES SECONDS
  local name label image before_label before_image watched=0
  : >"$results" && rm -f "$run/swarm/stop" || { fail not-writable "nothing can be written in $run"; return; }
  while read -r name label image before_label before_image <&4; do
    [ -n "$name" ] || continue
    watched=$((watched + 1))
    ( watch "$name" "$(mark_or_empty "$label")" "$image" "$(mark_or_empty "$before_label")" "$before_image" "$2" ) &
  done 4<<LINES
${1%"$newline"}
LINES
  until [ "$(lines_in "$results")" = "$watched" ]; do
    all_ok || : >"$run/swarm/stop"
    nap
  done
  wait
  all_ok || report_failed
}

mark_or_empty() { [ "$1" = - ] || printf '%s\n' "$1"; }

results=$run/swarm/results
all_ok() { ! grep -qv '^ok ' "$results"; }

# Stops if its parent process is gone, which may have been killed.
watch() { # NAME MARK IMAGE BEFORE-MARK BEFORE-IMAGE SECONDS
  local until best=-1 score since='' key='' logged='' now limit="$6" line code still=''
  until=$(($(seconds) + limit))
  while kill -0 $$ 2>/dev/null; do
    if [ -e "$run/swarm/stop" ]; then record_result "$1" stopped 'another service failed'; return; fi
    code=0
    query_service "$1" || code=$?
    now=$(seconds)
    case $code in
      2) record_result "$1" gone 'the service was removed'; return ;;
      1)
        [ "$logged" = lost ] || say "  $1: $(no_manager "$1")"
        logged=lost since='' line=$(no_manager "$1")
        if [ "$now" -ge "$until" ]; then record_result "$1" lost "$line"; return; fi
        sleep 1
        continue
        ;;
    esac
    judge "$run/swarm/$1.facts" "$2" "$3" "$4" "$5"
    line=$(shown_state)
    [ "$line" = "$logged" ] || say "  $1: $line"
    logged=$line
    case $result in
      superseded | paused | failing | turned-back) record_result "$1" "$result" "$why"; return ;;
      'done') record_result "$1" ok "the job is done, $ended_well completions"; return ;;
      idle)
        say "  $1: it has 0 replicas, so nothing was verified"
        record_result "$1" ok 'it has 0 replicas'
        return
        ;;
      stuck)
        [ -n "$still" ] || still=$now
        if [ $((now - still)) -ge $(($(slowest) + 10)) ]; then result=converged line="$line (a node is down)"; fi
        ;;
      *) still='' ;;
    esac
    # Progress extends the deadline: each task that comes up is progress, and so is the end of the update.
    score=$((good + ended_well))
    if [ "$result" = converged ]; then score=$((score + 1)); fi
    if [ "$score" -gt "$best" ]; then best=$score until=$((now + limit + $(slowest))); fi
    if [ "$result" = converged ]; then
      [ -n "$since" ] && [ "$key" = "$tasks" ] || { since=$now key=$tasks; }
      if [ $((now - since)) -ge "$stability" ]; then record_result "$1" ok "$line"; return; fi
    else
      since=''
      if [ "$now" -ge "$until" ]; then record_result "$1" timeout "it did not converge: $line${why:+: $why}"; return; fi
    fi
    sleep 1
  done
}

record_result() { # NAME WORD REASON
  printf '%s\n' "$2 $1: $3" >>"$results" || { free_reserve; printf '%s\n' "$2 $1: $3" >>"$results"; }
}

shown_state() {
  local text="$good of $want running" each
  [ "$want" != 0 ] || text="$good running"
  for each in "$ended_well completed" "$waiting waiting" "$others outdated" "$bad failed"; do
    [ "${each%% *}" = 0 ] || text="$text, $each"
  done
  case $update in updating | rollback_started) text="$text, $update" ;; esac
  echo "$text"
}

# Reports the first failure that is not a consequence of another. Changes by others take precedence.
report_failed() {
  local first text
  read -r first text <<LINES
$(grep -e '^superseded ' -e '^gone ' "$results" || grep -v -e '^ok ' -e '^stopped ' "$results")
LINES
  case $first in superseded | gone | lost) ;; *) show_tasks "${text%%:*}" ;; esac
  case $first in
    superseded) fail updated-by-others "$text" ;;
    gone) fail service-gone "$text" ;;
    lost) fail no-manager "$text" ;;
    paused) fail update-paused "$text" ;;
    turned-back) fail turned-back "$text" ;;
    failing) fail tasks-fail "$text" ;;
    *) fail not-whole "$text" ;;
  esac
}

# Shows what the failed tasks printed last, for the report.
show_tasks() { # NAME
  local text
  text=$( {
    docker service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "$(full_name "$1")" 2>/dev/null | head -n 8
    within 20 docker service logs --raw --tail 10 "$(full_name "$1")" 2>&1 | tail -n 20
  } | without_events)
  [ -n "$text" ] || return 0
  printf '%s\n' "$text" >"$run/said"
  event output "$(lines_in "$run/said") The tasks of $1:"
  indented <"$run/said" >&6
}
