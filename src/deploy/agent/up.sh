# shellcheck shell=dash disable=SC2154,SC2034,SC2046,SC2086,SC2016
# Compose replaces a container in steps: create the new one under a temporary name, stop, remove, rename, start. An
# interrupted `up` leaves names and containers on which the next `up` fails, so they are cleaned up in between.

# From here on the running service may be touched, and the record says so first.
begin_change() {
  step up "Start $(listed "$(names_of "$record")")" || return
  put "$record/stage" up || { record_unwritable; return; }
  flush
  changed=yes
}

# If uploaded files changed ($record/recreate), recreates the services that run the release. Compose decides about the
# rest.
start_services() { # NAME…
  local pinned='' others='' all_pinned name
  set -- $(not_started_first "$@")
  [ $# != 0 ] || return 0
  if [ ! -e "$record/recreate" ]; then compose_up 1 $(scales_of "$@") "$@"; return; fi
  all_pinned=$newline$(each_service print_pinned)$newline
  for name in "$@"; do
    case $all_pinned in *"$newline$name$newline"*) pinned="$pinned $name" ;; *) others="$others $name" ;; esac
  done
  if [ -n "$others" ]; then compose_up 1 $(scales_of $others) $others || return; fi
  [ -z "$pinned" ] || compose_up 1 $(recreation) $(scales_of $pinned) $pinned
}

# Tries again up to TRIES times, and up to three times if the engine went away: after an interruption, `up` can fail
# again.
compose_up() { # TRIES ARGUMENT…
  local tries="$1" try=0 code limit away from begin said=''
  shift
  limit=$(up_limit "$record")
  while :; do
    try=$((try + 1)) code=0 from=$(log_size) begin=$(clock)
    call_up "$@" || code=$?
    ! at_limit "$code" "$begin" "$limit" || code=limit
    said=$(last_logged "$from")
    # If `up` succeeded, the engine is there.
    [ "$code" = 0 ] || engine_answers || await_engine || return
    tidy
    away=''
    if was_away; then away=yes; renew_rules; fi
    [ "$code$away" != 0 ] || return 0
    if [ "$try" -ge 3 ] || { [ "$try" -ge "$tries" ] && [ -z "$away" ]; }; then break; fi
  done
  case $code in
    0) return 0 ;;
    limit) fail compose-timeout "Compose did not finish within $limit s" ;;
    *) compose_failed "$code" "$said" ;;
  esac
}

# Up to 2.29, Compose 2 includes `depends_on` in its config hash (compose#12069), and `--no-deps` removes it: the next
# plain `up` would recreate the service, and whatever depends on it. With these versions, the containers are first
# created with all their dependencies and without starting anything, if that leaves the dependencies untouched. A second
# call starts them.
call_up() { # ARGUMENT…
  local argument
  if ! hashes_dependencies || ! dependencies_stay; then
    within "$limit" compose up ${create_only:--d} --no-deps --no-build $(never_pull) "$@"
    return
  fi
  within "$limit" compose up --no-start --no-build $(never_pull) "$@" || return
  [ -z "$create_only" ] || return 0
  for argument in "$@"; do
    shift
    [ "$argument" = --force-recreate ] || set -- "$@" "$argument"
  done
  within "$limit" compose up -d --no-deps --no-recreate --no-build $(never_pull) "$@"
}

hashes_dependencies() {
  [ "$compose_major" = 2 ] && [ "$compose_minor" -lt 30 ] && [ -n "$dependencies$waves" ]
}

# Checks that Compose would leave the dependencies, and the other deployed services ($other_services), as they are.
other_services='' create_only=''
dependencies_stay() {
  local names plan
  names="$dependencies $other_services"
  [ -n "${names# }" ] || return 0
  plan=$(within 60 compose --dry-run up --no-start --no-build $(never_pull) $names 2>&1) || return
  case $plan in
    *'  Recreat'* | *'  Creating'* | *'  Remov'* | *'  Stopp'*)
      say '  A dependency differs from its compose file: a plain `docker compose up -d` will recreate both it and this service.'
      return 1
      ;;
  esac
}

log_size() { if [ -e "$run/log" ]; then wc -c <"$run/log"; else echo 0; fi; }

# Returns the last line that Compose has written to the log since then, without the events for the runner.
last_logged() { # SIZE
  tail -c "+$(($1 + 1))" "$run/log" 2>/dev/null | tr -d '\r' | without_events | tail -n 1 | cut -c 1-300
}

# Removes containers that do not count as running, as a plain `up` would: a dead container must not hold a name or a
# port that the new one needs.
remove_leftovers() { snapshot && each_service remove_dead; }

remove_dead() {
  local container title status rest
  has_recorded "$name" || return 0
  in_snapshot "$name" >"$run/containers"
  while read -r container title status rest <&5; do
    case $status in running | restarting | paused) continue ;; esac
    is_recorded "$container" || { ask rm -f "$container" >/dev/null && say "  Removed $title, which was not running."; }
  done 5<"$run/containers"
  return 0
}

has_recorded() { [ -n "$(line_of "$1 " "$record/containers")" ]; } # SERVICE

# Compose 1 and the first 2.x have no `--pull`, and only pull missing images.
never_pull() {
  if [ "$compose_major" -ge 2 ] && { [ "$compose_major" -gt 2 ] || [ "$compose_minor" -ge 2 ]; }; then
    printf '%s\n' --pull never
  fi
}

names_of() { # RECORD
  local record="$1"
  each_service print_name
}
print_name() { [ "$kind" = orphan ] || echo "$name"; }

# Prints the scale options for the services that one call of Compose starts.
scales_of() { # NAME…
  each_service scale_in " $* "
}

scale_in() { # WORDS
  case $1 in *" $name "*) [ "$(wanted_replicas)" = "$replicas" ] || printf '%s\n' --scale "$name=$count" ;; esac
}

# Returns the replicas to start. A service that was scaled by hand keeps its number, unless the compose file changed it
# since.
wanted_replicas() {
  local verified
  verified=$(release_of "$name")
  if [ "$count" = 0 ] || { [ -n "$verified" ] && [ "$(value_of replicas "$verified/release")" != "$replicas" ]; }; then
    echo "$replicas"
  else
    echo "$count"
  fi
}

# Returns a limit in seconds that is longer than the containers may take to stop, one after the other.
up_limit() { # RECORD
  local record="$1" limit=120
  each_service add_stop
  echo "$limit"
}

add_stop() {
  is_number "$replicas" && is_number "$grace" && is_number "$count" || return 0
  [ "$count" -le "$replicas" ] || replicas=$count
  limit=$((limit + replicas * (grace + 10)))
}

# Cleans up after an interrupted `up`: containers that never started, and temporary names (`<id12>_name`).
tidy() { snapshot && each_service tidy_names; }

tidy_names() {
  local container title status rest proper
  in_snapshot "$name" >"$run/containers"
  while read -r container title status rest <&5; do
    proper=$(proper_name "$container" "$title")
    [ "$proper" != "$title" ] || continue
    if [ "$status" = created ] && ! is_recorded "$container"; then
      ask rm -f "$container" >/dev/null && say "  Removed $title, which never started."
    elif ! ask inspect --type container --format . "$proper" >/dev/null; then
      ask rename "$container" "$proper" && say "  Renamed $title to $proper."
    fi
  done 5<"$run/containers"
  return 0
}

tidy_service() { snapshot && tidy_names; }

# Returns the recorded name of a container, or its name without the 12 digits of an ID in front.
proper_name() { # ID NAME
  local service container title rest digit='[0-9a-f]'
  while read -r service container title rest; do
    if [ "$container" = "$1" ]; then bare_name "$title"; return; fi
  done <"$record/containers"
  bare_name "$2"
}

bare_name() { # NAME
  case $1 in
    [0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]_?*) echo "${1#*_}" ;;
    *) echo "$1" ;;
  esac
}

is_recorded() { case $(cat "$record/containers") in *" $1 "*) ;; *) return 1 ;; esac } # ID
