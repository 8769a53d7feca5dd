# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046
# Whether a release serves: all its containers the same ones, on the same start, running for the whole of a window, and
# healthy at its end, where there is a healthcheck. The window begins with the start, so the time that a release takes to
# become healthy counts. A restart or an unhealthy spell begins the window anew, the third restart ends the matter. That
# is all that is claimed: what breaks after the window is not seen.

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
    # What an engine does to its containers when it starts is not the release's fault.
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

# In a window nothing is missed by looking less often, as the engine counts restarts and notes each start: the last look is
# when it ends.
await_look() {
  local left
  if [ "$look" != steady ]; then nap; return; fi
  left=$((hold * 1000 + 10 - ($(clock) - window)))
  if [ "$left" -ge 1000 ]; then sleep 1
  elif [ "$left" -gt 0 ]; then sleep "$(printf '0.%03d' "$left")" 2>/dev/null || sleep 1
  fi
}

# A stop that was under way when Compose was cut off is carried out by the engine all the same, and may reach what was
# put back as late as its time to stop is over.
held_for() {
  local hold="$stability"
  if [ "$which" = new ] && [ -n "$passed" ]; then hold=0; fi
  if [ "$which" = old ] && { [ "$settling" = yes ] || [ "$failed_stage" = up ]; }; then each_service outlast_stop; fi
  echo "$hold"
}

outlast_stop() { ! is_gated || ! is_number "$grace" || [ $((grace + 5)) -le "$hold" ] || hold=$((grace + 5)); }

# The last line that a healthcheck answered with.
last_check() {
  local line last=''
  while IFS= read -r line; do [ -z "$line" ] || last=$line; done <<LINES
$(ask inspect --format '{{if .State.Health}}{{range .State.Health.Log}}{{println .Output}}{{end}}{{end}}' $(each_service ids_in_snapshot))
LINES
  [ -z "$last" ] || printf ' (healthcheck: %.200s)\n' "$last"
}

# The engine may have gone away after the gate, and have come back without what it had.
serves_still() {
  was_away || return 0
  revive
  gate new
}

# An engine that comes back starts what it had, but not what was being stopped when it went.
revive() {
  sleep 3
  each_service start_again
  # Containers come back with other addresses.
  renew_cover
}

# What did its work once is not to do it again.
start_again() {
  local ids
  if ! is_gated || [ "$kind" = one-shot ]; then return 0; fi
  ids=$(containers_of "$name") && [ -n "$ids" ] && docker start $ids >/dev/null 2>&1
  return 0
}

# What a person wants to see of a release that failed.
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
