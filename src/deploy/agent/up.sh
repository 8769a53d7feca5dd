# shellcheck shell=dash disable=SC2154,SC2034,SC2046,SC2086,SC2016
# Compose replaces the containers. It does so in steps (create under a passing name, stop, remove, rename, start), and
# an end half-way leaves names and containers that a second `up` stumbles over: those are put in order in between.

# From here on what serves may have been touched: it is written down before it is so.
begin_change() {
  step up "Start $(listed "$(names_of "$record")")" || return
  put "$record/stage" up || { record_unwritable; return; }
  flush
  changed=yes
}

# What is brought makes those anew that run the release; Compose decides of the others.
start_services() { # NAME…
  local pinned='' others='' name
  set -- $(not_started_first "$@")
  [ $# != 0 ] || return 0
  if [ ! -e "$record/recreate" ]; then compose_up 1 $(scales_of "$@") "$@"; return; fi
  for name in "$@"; do
    if is_pinned "$name"; then pinned="$pinned $name"; else others="$others $name"; fi
  done
  if [ -n "$others" ]; then compose_up 1 $(scales_of $others) $others || return; fi
  [ -z "$pinned" ] || compose_up 1 $(recreation) $(scales_of $pinned) $pinned
}

# Again only where the engine was away meanwhile, or as often as it is told: what was cut once can stumble once more.
compose_up() { # TRIES ARGUMENT…
  local tries="$1" try=0 code limit away from said=''
  shift
  limit=$(up_limit "$record")
  while :; do
    try=$((try + 1)) code=0 from=$(log_size)
    call_up "$@" || code=$?
    said=$(last_logged "$from")
    # What went well was done by an engine that is there.
    [ "$code" = 0 ] || engine_answers || await_engine || return
    tidy
    away=''
    if was_away; then away=yes; renew_cover; fi
    [ "$code$away" != 0 ] || return 0
    if [ "$try" -ge 3 ] || { [ "$try" -ge "$tries" ] && [ -z "$away" ]; }; then break; fi
  done
  case $code in
    0) return 0 ;;
    124 | 137 | 143) fail compose-timeout "Compose did not finish within $limit s" ;;
    *) compose_failed "$code" "$said" ;;
  esac
}

# Compose 2 hashed `depends_on` until 2.29 (compose#12069), and `--no-deps` takes it away: the next plain `up` would make
# the service anew, and what depends on it. There Compose makes the containers with all that they depend on in view,
# starting nothing, where it would touch nothing of that; and starts them in a second call.
call_up() { # ARGUMENT…
  local argument
  if ! hashes_dependencies || ! dependencies_stand; then
    within "$limit" compose up ${only_made:--d} --no-deps --no-build $(never_pull) "$@"
    return
  fi
  within "$limit" compose up --no-start --no-build $(never_pull) "$@" && [ -z "$only_made" ] || return
  for argument in "$@"; do
    shift
    [ "$argument" = --force-recreate ] || set -- "$@" "$argument"
  done
  within "$limit" compose up -d --no-deps --no-recreate --no-build $(never_pull) "$@"
}

hashes_dependencies() {
  [ "$compose_major" = 2 ] && [ "$compose_minor" -lt 30 ] && [ -n "$dependencies$waves" ]
}

# What Compose would do about the dependencies and the other services that are deployed ($beside).
beside='' only_made=''
dependencies_stand() {
  local names plan
  names="$dependencies $beside"
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

# Compose writes straight into the log: what it said last since then, without what we tell the runner.
last_logged() { # SIZE
  tail -c "+$(($1 + 1))" "$run/log" 2>/dev/null | tr -d '\r' | without_events | tail -n 1 | cut -c 1-300
}

# What does not count as running is taken away, as a plain `up` would do: a dead container must not hold a name or a
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

# Compose 1 has no such option, and pulls only what is missing, as do the first 2.x.
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

# Of some services, which are all that Compose is called for.
scales_of() { # NAME…
  each_service scale_in " $* "
}

scale_in() { # WORDS
  case $1 in *" $name "*) [ "$(wanted)" = "$replicas" ] || printf '%s\n' --scale "$name=$count" ;; esac
}

# A service that was scaled by hand keeps its number, unless the file has come to ask for another one since.
wanted() {
  local verified
  verified=$(release_of "$name")
  if [ "$count" = 0 ] || { [ -n "$verified" ] && [ "$(value_of replicas "$verified/release")" != "$replicas" ]; }; then
    echo "$replicas"
  else
    echo "$count"
  fi
}

# Longer than the containers may take to stop, one after the other.
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

# What an `up` that was cut has left: containers that never started, and passing names (`<id12>_name`).
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

# The name that was recorded, else without the twelve digits of an ID in front.
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
