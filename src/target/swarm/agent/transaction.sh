# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016,SC2030,SC2031
# The change of a Swarm, as one transaction that runs on a manager by itself. It shares its lock, record, history, files
# and verdict with the one of a single server (deploy/agent); what stands here takes the place of what asks Compose there.

put_settings_back() { put_brought_back; }

# As in gate.sh, whose other parts ask Compose.
past() { [ $(($(clock) - $1)) -ge $(($2 * 1000)) ]; } # BEGIN SECONDS

# Whether anything of a service runs, for who asks which run is the later one.
containers_of() { docker service ps -q -f desired-state=running "$(full_name "$1")" 2>/dev/null; } # NAME

# --- the record

write_record() { # DIRECTORY
  local name declared new replicas kind grace image rest
  : >"$1/services" && : >"$1/swarm" && record_run "$1" || return
  [ -e "$run/swarm/services" ] || while read -r name rest; do [ -z "$name" ] || echo "$name -"; done >"$run/swarm/services" <<LINES || return
$services
LINES
  while read -r name image <&3; do
    record_swarm_service "$1" "$name" || return
  done 3<"$run/swarm/services"
  [ "$(grep -c ' ? -$' "$1/swarm")" != "$(lines_in "$1/swarm")" ] || : >"$1/new-stack"
  while read -r name declared new replicas kind grace <&3; do
    image=$(recorded_image "$name" "$1/swarm")
    printf '%s\n' "$name $declared $new $replicas $kind $grace $image $image - - 1 1" >>"$1/services" || return
  done 3<<LINES
${services%"$newline"}
LINES
  share "$1" "$1/services" "$1/swarm" "$1/run" "$1/stage"
}

# An update that is under way is waited for: what it comes to is what there is to go back to.
record_swarm_service() { # DIRECTORY NAME
  local begin code told='' service_state kind label spec rest
  begin=$(seconds)
  while :; do
    code=0
    look_patiently "$2" "$engine_timeout" || code=$?
    case $code in
      1) fail no-manager "$(no_manager "$2")"; return ;;
      2)
        [ -n "$compose_files" ] || { fail service-gone "there is no service $(full_name "$2")"; return; }
        printf '%s\n' "$2 ? -" >>"$1/swarm"
        say "  $2: not there yet"
        return
        ;;
    esac
    IFS='|' read -r kind service_state label spec rest <"$run/swarm/$2.facts"
    case $service_state in updating | rollback_started) ;; *) break ;; esac
    if is_cancelled; then fail cancelled 'cancelled'; return; fi
    [ $(($(seconds) - begin)) -lt 30 ] || break
    [ -n "$told" ] || say "  $2: another update is under way, waiting for it"
    told=yes
    sleep 1
  done
  printf '%s\n' "$2 ${label:--} $spec" >>"$1/swarm" && say "  $2: $spec"
}

# `repo@sha256:…` for the report; a tag alone is no release.
recorded_image() { # NAME FILE
  local name label image
  while read -r name label image; do
    [ "$name" = "$1" ] || continue
    case $image in
      *@*) echo "$(repository_of "$image")@${image#*@}" ;;
      *) echo - ;;
    esac
    return
  done <"$2"
  echo -
}

repository_of() { # REFERENCE
  local name="${1%%@*}"
  case ${name##*/} in *:*) echo "${name%:*}" ;; *) echo "$name" ;; esac
}

what_runs() { # SERVICE REPOSITORY@DIGEST
  local spec
  look "$1" || { echo -; return; }
  spec=$(image_in "$1")
  case $spec in *@*) echo "$(repository_of "$spec")@${spec#*@}" ;; *) echo - ;; esac
}

# For `rollback-to: previous`.
runs_image() { # NAME IMAGE
  look "$1" || return
  case $(image_in "$1") in *"${2#*@}") ;; *) return 1 ;; esac
}

# --- after it

keep_release() {
  local name declared new replicas rest
  make_room
  step keep 'Keep what it runs with' || return
  while read -r name declared new replicas rest <&3; do
    mkdir -p "$state/releases/$name/$id" && share "$state/releases/$name" "$state/releases/$name/$id" &&
      put "$state/releases/$name/$id/release" "image $new" "when $(utc)" "$(brought_line)" \
        "url $(value_of url "$record/run")" "workflow $(value_of workflow "$record/run")" \
        "ref $(value_of ref "$record/run")" "number $(value_of number "$record/run")" &&
      point_release "$name" || say "  $name: could not be written in $state/releases"
  done 3<"$record/services"
  keep_project
}

point_release() { # NAME
  local before
  before=$(release_of "$1")
  put "$state/releases/$1/current" "$id" || return
  case $before in '' | "$state/releases/$1/$id") ;; *) rm -rf "$before" ;; esac
}

# The rest of a stack is part of it, and not told of by itself.
changed_others() { :; }

# Images belong to the nodes.
prune() { :; }
drop_broken() { rm -rf "$state/broken"; }

# --- what a run has left that was killed

take_change_over() { mkdir -p "$run/swarm"; }

# What broke stays until a later change is decided: whatever runs is where that one starts from. What was seen of an
# earlier change is not what this run sees.
settle_the_rest() { rm -rf "$run/swarm" && mkdir -p "$run/swarm"; }

# The deploy of a stack may have been cut between two of its services.
release_holds() {
  local name rest
  while read -r name rest <&3; do
    bears "$name" "$(value_of id "$record/run")" "$wait_timeout" || return
  done 3<"$record/swarm"
  settle_tasks && verify_tasks
}

# No traffic is diverted.
renew_cover() { :; }
uncover_unless_broken() { :; }
