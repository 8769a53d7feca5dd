# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046
# The health check of a release. It passes if the same containers run for a whole window without a restart and, with a
# healthcheck, are healthy at its end. The window begins when the containers start, so the time until they are healthy
# counts. A restart or an unhealthy state resets the window; the third restart fails the check. A failure after the
# window is not detected.

gate() { # new|old
  local which="$1" began window='' key='' last='' look='' why='' why_code='' logged='' logged_at='' restarts=0 by_hand=0 ended_with=0 hold
  [ "$which" = old ] || note_touched || return
  hold=$(held_for)
  case $hold in
    0) step gate "Health check: $(listed "$(names_of "$record")") must still run" ;;
    *) step gate "Health check: $(listed "$(names_of "$record")") must run for $hold s without a restart" ;;
  esac || return
  began=$(clock)
  while :; do
    observe || return
    # If the engine restarts, it restarts its containers: the release must not fail for that.
    if was_away; then revive; began=$(clock) window='' last='' by_hand=0; continue; fi
    if [ -n "$last" ] && [ "$key" != "$last" ]; then window='' by_hand=$((by_hand + 1)); fi
    last=$key
    case $look in
      steady | warming) window=${window:-$(clock)} ;;
      failed) break ;;
      *) window='' ;;
    esac
    if [ "$look" = steady ] && past "$window" "$hold"; then return 0; fi
    if [ "$look" != steady ] && past "$began" "$wait_timeout"; then why="$why, after $wait_timeout s"; break; fi
    if [ "$by_hand" -ge 3 ] && [ "$restarts" = 0 ]; then why="$why, and something else restarted it three times"; break; fi
    if [ "$why" != "$logged" ]; then
      logged=$why logged_at=$(clock)
      say "  ${why:-all containers are running}"
    elif [ -n "$why" ] && past "$logged_at" 10; then
      logged_at=$(clock)
      say "  still, after $(((logged_at - began) / 1000)) s: $why$(last_check)"
    fi
    await_look
  done
  show_containers
  fail "$why_code" "$why"
}

# Within the window, polling less often misses nothing, because the engine counts restarts and records each start. The
# last look is at the end of the window.
await_look() {
  local left
  if [ "$look" != steady ]; then nap; return; fi
  left=$((hold * 1000 + 10 - ($(clock) - window)))
  if [ "$left" -ge 1000 ]; then sleep 1
  elif [ "$left" -gt 0 ]; then sleep "$(printf '0.%03d' "$left")" 2>/dev/null || sleep 1
  fi
}

# If Compose was interrupted during a stop, the engine completes that stop, and may still stop a restored container
# until the stop grace period is over.
held_for() {
  local hold="$stability"
  if [ "$which" = new ] && [ -n "$passed" ]; then hold=0; fi
  if [ "$which" = old ] && { [ "$settling" = yes ] || [ "$failed_stage" = up ]; }; then each_service outlast_stop; fi
  echo "$hold"
}

outlast_stop() { ! is_gated || ! is_number "$grace" || [ $((grace + 5)) -le "$hold" ] || hold=$((grace + 5)); }

# Prints the last line of output of the healthcheck.
last_check() {
  local line last=''
  while IFS= read -r line; do [ -z "$line" ] || last=$line; done <<LINES
$(ask inspect --format '{{if .State.Health}}{{range .State.Health.Log}}{{println .Output}}{{end}}{{end}}' $(each_service ids_in_snapshot))
LINES
  [ -z "$last" ] || printf ' (healthcheck: %.200s)\n' "$last"
}

# If the engine was away after the gate, it may have lost containers: check them again.
serves_still() {
  was_away || return 0
  revive
  gate new
}

# A restarted engine starts its containers again, except those that were being stopped when it went down.
revive() {
  sleep 3
  each_service start_again
  # Restarted containers have other addresses.
  renew_rules
}

# A one-shot service must not run twice.
start_again() {
  local ids
  if ! is_gated || [ "$kind" = one-shot ]; then return 0; fi
  ids=$(containers_of "$name") && [ -n "$ids" ] && docker start $ids >/dev/null 2>&1
  return 0
}

# Logs the last output of the containers of a failed release.
show_containers() { each_service show_service; }

show_service() {
  local container
  is_gated || return 0
  for container in $(containers_of "$name"); do show_container; done
}

show_container() {
  local title
  title=$(docker inspect --format 'The last lines of {{slice .Name 1}}{{if ne .State.Status "running"}} ({{.State.Status}}, exit code {{.State.ExitCode}}){{end}}:' \
    "$container" 2>/dev/null)
  {
    docker logs --tail 20 "$container" 2>&1
    docker inspect --format '{{if eq .State.Status "running"}}{{if .State.Health}}{{range .State.Health.Log}}{{if .ExitCode}}{{println "healthcheck:" .Output}}{{end}}{{end}}{{end}}{{end}}' \
      "$container" 2>/dev/null | tail -n 12
  } | indented >"$run/output"
  event output "$(($(wc -l <"$run/output")))" "$title"
  cat "$run/output" >&6
  rm -f "$run/output"
}
