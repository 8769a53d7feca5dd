# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Whether a release serves: all its containers the same ones, on the same start, running (healthy, where there is a
# healthcheck) for the whole of a window. A restart or an unhealthy spell begins the window anew, the third restart
# ends the matter. That is all that is claimed: what breaks after the window is not seen.

gate() { # new|old
  local which="$1" began window='' key='' last='' look='' why='' told='' told_at='' restarts=0 by_hand=0 ended_with=0 hold
  hold=$(held_for)
  step gate "Gate: $(listed "$(names_of "$record")") must run for $hold s without a restart" || return
  began=$(clock)
  while :; do
    observe || { fail 'the docker engine does not say what runs'; return; }
    # What an engine does to its containers when it starts is not the release's fault.
    if was_away; then revive; began=$(clock) window='' last='' by_hand=0; continue; fi
    if [ -n "$last" ] && [ "$key" != "$last" ]; then window='' by_hand=$((by_hand + 1)); fi
    last=$key
    case $look in
      steady) window=${window:-$(clock)} ;;
      failed) break ;;
      *) window='' ;;
    esac
    if [ "$look" = steady ] && past "$window" "$hold"; then return 0; fi
    if [ -z "$window" ] && past "$began" "$wait_timeout"; then why="$why, after $wait_timeout s"; break; fi
    if [ "$by_hand" -ge 3 ] && [ "$restarts" = 0 ]; then why="$why, and was started anew three times"; break; fi
    if [ "$why" != "$told" ]; then
      told=$why told_at=$(clock)
      say "  ${why:-all of it runs}"
    elif [ -n "$why" ] && past "$told_at" 10; then
      told_at=$(clock)
      say "  still, after $(((told_at - began) / 1000)) s: $why$(last_check)"
    fi
    # In a long window nothing is missed by looking less often: the engine counts restarts and notes each start.
    if [ -n "$window" ] && [ "$hold" -ge 5 ]; then sleep 1; else nap; fi
  done
  show_containers
  fail "$why"
}

# A stop that was under way when Compose was cut off is carried out by the engine all the same, and may reach what was
# put back as late as its time to stop is over.
held_for() {
  local name declared new replicas kind grace rest hold="$stability"
  if [ "$which" = old ] && { [ "$settling" = yes ] || [ "$failed_stage" = up ]; }; then
    while read -r name declared new replicas kind grace rest; do
      [ $((grace + 5)) -le "$hold" ] || hold=$((grace + 5))
    done <"$record/services"
  fi
  echo "$hold"
}

# The last line that a healthcheck answered with.
last_check() {
  local name rest line ids last=''
  while read -r name rest <&5; do
    ids=$(containers_of "$name") && [ -n "$ids" ] || continue
    while IFS= read -r line; do [ -z "$line" ] || last=$line; done <<LINES
$(ask inspect --format '{{if .State.Health}}{{range .State.Health.Log}}{{println .Output}}{{end}}{{end}}' $ids)
LINES
  done 5<"$record/services"
  [ -z "$last" ] || printf ' (healthcheck: %.200s)\n' "$last"
}

past() { # BEGIN SECONDS
  [ $(($(clock) - $1)) -ge $(($2 * 1000)) ]
}

# Looks once: $look is steady, waiting or failed, $why says what of, $key changes with every start.
observe() {
  local name declared new replicas kind grace old old_reference kept pointer count ran ids found
  look=steady why='' key='' restarts=0
  while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&4; do
    [ "$which" = new ] || [ "$ran" != 0 ] || continue
    ids=$(containers_of "$name") || return
    found=0
    [ -z "$ids" ] || observe_service "$ids"
    if [ "$found" = 0 ]; then waits "$name has no container"; fi
  done 4<"$record/services"
}

# `.ID`, not `.Id`: with that, docker reads the answer as a plain map, in which `.State.Health` can be missing.
observe_service() { # IDS
  local container status exit_code restarted started health
  while read -r container status exit_code restarted started health policy; do
    found=$((found + 1))
    key="$key $container $started $restarted"
    restarted=$((restarted - $(restarts_before "$container")))
    [ "$restarted" -le "$restarts" ] || restarts=$restarted
    judge
  done <<LINES
$(ask inspect --format '{{.ID}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{.State.StartedAt}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' $1)
LINES
}

judge() {
  [ "$exit_code" = 0 ] || ended_with=$exit_code
  if [ "$restarted" -ge 3 ]; then
    fails "$name restarted $restarted times$(with_code)"
    return
  fi
  case "$status $health" in
    'running none' | 'running healthy') ;;
    'running unhealthy') waits "$name is not healthy" ;;
    running*) waits "$name is not healthy yet" ;;
    restarting*) waits "$name does not stay up$(with_code)" ;;
    exited* | dead*)
      if [ "$kind" = one-shot ] && [ "$exit_code" = 0 ]; then return; fi
      # A stop that was under way when its run was cut off reaches what was put back.
      if [ "$which" = old ]; then
        waits "$name ended with exit code $exit_code"
        by_hand=$((by_hand + 1))
        [ "$by_hand" -ge 3 ] || docker start "$container" >/dev/null 2>&1
      else
        fails "$name ended with exit code $exit_code"
      fi
      ;;
    *) waits "$name is $status" ;;
  esac
}

# Of the last end that was seen: while a container runs, it reads 0.
with_code() { [ "$ended_with" = 0 ] || echo " (exit code $ended_with)"; }

waits() { [ "$look" = failed ] || look=waiting why=$1; }

fails() { look=failed why=$1; }

# A container that went through this deploy untouched keeps its count from before.
restarts_before() { # ID
  local service container title status image restarted rest
  while read -r service container title status image restarted rest; do
    if [ "$container" = "$1" ]; then echo "$restarted"; return; fi
  done <"$record/containers"
  echo 0
}

# The engine may have gone away after the gate, and have come back without what it had.
serves_still() {
  was_away || return 0
  revive
  gate new
}

# An engine that comes back starts what it had, but not what was being stopped when it went.
revive() {
  local name declared new replicas kind rest ids
  sleep 3
  while read -r name declared new replicas kind rest <&4; do
    # What did its work once is not to do it again.
    [ "$kind" != one-shot ] || continue
    ids=$(containers_of "$name") && [ -n "$ids" ] && docker start $ids >/dev/null 2>&1
  done 4<"$record/services"
}

# What a person wants to see of a release that failed.
show_containers() {
  local name rest container
  while read -r name rest <&4; do
    for container in $(containers_of "$name"); do show_container; done
  done 4<"$record/services"
}

show_container() {
  docker inspect --format 'The last lines of {{slice .Name 1}} ({{.State.Status}}, exit code {{.State.ExitCode}}):' \
    "$container" 2>/dev/null | indented
  docker logs --tail 20 "$container" 2>&1 | indented
  docker inspect --format '{{if .State.Health}}{{range .State.Health.Log}}{{println "healthcheck, exit code" .ExitCode}}{{println .Output}}{{end}}{{end}}' \
    "$container" 2>/dev/null | tail -n 12 | indented
}
