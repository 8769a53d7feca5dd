# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2015,SC2046
# Rejects a run that a newer run of the same workflow and ref has overtaken, and starts services in the order of their
# dependencies.

reject_superseded() { each_ordered is_not_superseded; }

is_not_superseded() {
  local verified
  verified=$(release_of "$name")
  [ -n "$verified" ] && is_later "$verified/release" && [ -n "$(containers_of "$name")" ] || return 0
  superseded=superseded
  fail superseded "$name already runs $(value_of image "$verified/release") from the newer run $(value_of number "$verified/release")"
}

# Runs are numbered per workflow. Workflows of different repositories may have the same name, so the repository counts
# too.
is_later() { # RELEASE
  local whose
  whose=$(value_of url "$1")
  [ "$(value_of workflow "$1") $(value_of ref "$1")" = "$workflow $ref" ] &&
    [ "${whose%/actions/runs/*}" = "${url%/actions/runs/*}" ] && [ "$(value_of number "$1")" -gt "$number" ] 2>/dev/null
}

# Starts the missing dependencies of the services. Does not touch those that exist.
start_dependencies() { # 'NAME started|healthy|ended IMAGE|-'…
  local name condition image missing='' code=0 from begin all
  all=$(printf '%s\n' "$@")
  [ -n "$all" ] || return 0
  snapshot || return
  while read -r name condition image <&3; do
    [ -n "$name" ] || continue
    is_there "$name" "$condition" || missing=$missing$name\ $image$newline
  done 3<<LINES
$all
LINES
  [ -n "$missing" ] || return 0
  step dependencies "Start missing dependencies: $(listed "$(first_fields "$missing")")" || return
  fetch_images "$missing" && record_dependencies "$missing" || return
  # Only the missing ones (`--no-deps`): no other service may start before its turn.
  from=$(log_size) begin=$(clock)
  start_missing $(first_fields "$missing") || code=$?
  ! at_limit "$code" "$begin" 600 || code=limit
  case $code in
    0) ;;
    limit) fail compose-timeout "Compose did not start $(listed "$(first_fields "$missing")") within 600 s"; return ;;
    *) compose_failed "$code" "$(last_logged "$from")"; return ;;
  esac
  await_all "$all"
}

start_missing() { # NAME…
  ! hashes_dependencies || within 600 compose up --no-start --no-recreate --no-build "$@" || return
  within 600 compose up -d --no-deps --no-recreate --no-build "$@"
}

# Records the dependencies to start, before it starts them: lines of `SERVICE new|stopped`.
record_dependencies() { # LINES
  local name list=''
  for name in $(first_fields "$1"); do
    if [ -n "$(ids_in_snapshot)" ]; then list=$list$name\ stopped$newline; else list=$list$name\ new$newline; fi
  done
  put "$record/made" "${list%"$newline"}" || record_unwritable
}

# Removes or stops the dependencies that a failed deploy started. Keeps their volumes.
remove_dependencies() {
  local name was ids
  [ -e "$record/made" ] || return 0
  while read -r name was <&4; do
    ids=$(containers_of "$name") || return
    [ -n "$ids" ] || continue
    case $was in
      new) ask rm -f $ids >/dev/null && say "  Removed $name, which this deploy had started." ;;
      *) ask stop $ids >/dev/null && say "  Stopped $name, which this deploy had started." ;;
    esac || { log_error; fail container-not-stopped "$name could not be stopped"; return; }
  done 4<"$record/made"
  rm -f "$record/made"
}

first_fields() { # LINES
  local word rest
  while read -r word rest; do [ -z "$word" ] || echo "$word"; done <<LINES
$1
LINES
}

# Pulls missing images with the server's own login, or else with the login of this run.
fetch_images() { # LINES of `NAME IMAGE`
  local name image
  while read -r name image <&4; do
    case $image in '' | -) continue ;; esac
    ask image inspect "$image" >/dev/null || within "$pull_timeout" docker pull -q $(platform_option "$name") "$image" >/dev/null 2>&1 ||
      pull "$image" "$(platform_of "$name")" || return
  done 4<<LINES
$1
LINES
}

is_there() { # SERVICE started|healthy|ended
  local states
  states=$(states_of "$1")
  [ -n "$states" ] || return
  [ "$2" != ended ] || return 0
  case $states in *running* | *restarting* | *paused*) ;; *) return 1 ;; esac
}

states_of() { in_snapshot "$1" | cut -d ' ' -f 3,7,9; } # SERVICE: lines of `STATUS EXIT-CODE HEALTH`

# Waits until each service of the lines `NAME CONDITION` has met its condition once. Checks all of them in turn: a
# service that exits with an error ends the wait for the others, wherever it is in the list.
await_all() { # LINES
  local name condition rest begin left="$1" late
  begin=$(clock)
  while :; do
    late=''
    snapshot || return
    while read -r name condition rest <&3; do
      [ -n "$name" ] && ! is_ready "$name" "$condition" || continue
      if has_failed "$name" "$condition"; then return 1; fi
      late="$late$name $condition$newline"
    done 3<<LINES
$left
LINES
    left=${late%"$newline"}
    [ -n "$left" ] || return 0
    if past "$begin" "$wait_timeout"; then
      read -r name condition <<LINES
$left
LINES
      fail dependency-not-ready "$name did not become \`$condition\` within $wait_timeout s"
      return
    fi
    nap
  done
}

# Whether a container has exited with an error: nothing restarts it, so waiting longer is pointless.
has_failed() { # SERVICE CONDITION
  local state code rest
  while read -r state code rest; do
    case "$state $code $2" in
      'exited 0 ended' | 'exited 0 started') continue ;;
      exited* | dead*)
        for_service "$1" show_container
        fail dependency-failed "$1 exited with code $code"
        return 0
        ;;
    esac
  done <<LINES
$(states_of "$1")
LINES
  return 1
}

for_service() { # SERVICE COMMAND
  local container
  for container in $(containers_of "$1"); do "$2" "$container"; done
}

is_ready() { # SERVICE CONDITION
  local line some=''
  # No service waits for this one.
  [ "$2" != any ] || return 0
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    some=yes
    case "$2 $line" in
      'ended exited 0 '* | 'started running '* | 'started exited 0 '* | 'healthy running 0 healthy' | 'healthy running 0 none') ;;
      *) return 1 ;;
    esac
  done <<LINES
$(states_of "$1")
LINES
  [ -n "$some" ]
}

# Starts services that may start together, and waits until the services that depend on them may start.
start_wave() { # NAME=CONDITION…
  local names conditions
  names=$(printf '%s\n' "$@" | sed 's/=.*//')
  conditions=$(printf '%s\n' "$@" | sed 's/=/ /')
  start_services $names || return
  await_all "$conditions" || { [ "$reason_code" = dependency-failed ] || { note_touched && show_containers; }; return 1; }
  other_services="$other_services $(listed "$names")"
}
