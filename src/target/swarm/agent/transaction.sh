# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016,SC2030,SC2031
# Changes a Swarm in one transaction, which runs on a manager on its own. It shares its lock, record, history, files and
# verdict with the transaction of a single server (deploy/agent). The functions here replace those that ask Compose.

restore_settings() { restore_files; }

# There is no start-first on a Swarm.
reload_restored_proxy() { :; }

# Prints the running tasks of a service, for the check whether a newer run has deployed it.
containers_of() { docker service ps -q -f desired-state=running "$(full_name "$1")" 2>/dev/null; } # NAME

# Does nothing: query.sh queries each service separately.
snapshot() { :; }

# --- the record

write_record() { # DIRECTORY
  local name declared new replicas kind grace image
  : >"$1/services" && : >"$1/swarm" && record_run "$1" || return
  [ -e "$run/swarm/services" ] || printf '%s' "$services" | sed 's/ .*//' >"$run/swarm/services" || return
  while read -r name <&3; do
    record_swarm_service "$1" "$name" || return
  done 3<"$run/swarm/services"
  [ "$(grep -c ' ? -$' "$1/swarm")" != "$(lines_in "$1/swarm")" ] || : >"$1/new-stack"
  while read -r name declared new replicas kind grace <&3; do
    image=$(value_of "$name" "$1/swarm")
    image=$(pinned_reference "${image#* }")
    printf '%s\n' "$name $declared $new $replicas $kind $grace $image $image - - 1 1" >>"$1/services" || return
  done 3<<LINES
${services%"$newline"}
LINES
  share "$1" "$1/services" "$1/swarm" "$1/run" "$1/stage"
}

# Waits for an update in progress: a rollback has to restore the result of that update.
record_swarm_service() { # DIRECTORY NAME
  local begin code logged=''
  begin=$(seconds)
  while :; do
    code=0
    query_until_answered "$2" || code=$?
    case $code in
      1) return 1 ;;
      2)
        [ -n "$compose_files" ] || { fail service-gone "there is no service $(full_name "$2")"; return; }
        printf '%s\n' "$2 ? -" >>"$1/swarm"
        say "  $2: does not exist yet"
        return
        ;;
    esac
    case $update in updating | rollback_started) ;; *) break ;; esac
    if is_cancelled; then fail cancelled 'cancelled'; return; fi
    [ $(($(seconds) - begin)) -lt 30 ] || break
    [ -n "$logged" ] || say "  $2: another update is under way, waiting for it"
    logged=yes
    sleep 1
  done
  printf '%s\n' "$2 ${current_mark:--} $spec" >>"$1/swarm" && say "  $2: $spec"
}

# Prints `repo@sha256:…` of an image, for the report. A tag alone does not identify a release.
pinned_reference() { # IMAGE
  local name="${1%%@*}"
  case $1 in *@*) ;; *) echo -; return ;; esac
  case ${name##*/} in *:*) name=${name%:*} ;; esac
  echo "$name@${1#*@}"
}

what_runs() { query_service "$1" && pinned_reference "$spec" || echo -; } # SERVICE

# For `rollback-to: previous`.
runs_image() { # NAME IMAGE
  query_service "$1" || return
  case $spec in *"${2#*@}") ;; *) return 1 ;; esac
}

# --- after the change

keep_release() {
  local name declared new rest to
  free_reserve
  step keep 'Save the release for a rollback' || return
  while read -r name declared new rest <&3; do
    to=$state/releases/$name/$id
    mkdir -p "$to" && share "$state/releases/$name" "$to" && note_release "image $new" ||
      say "  $name: could not be saved in $state/releases"
  done 3<"$record/services"
  keep_project
}

# The other services of a stack are part of it, and are not reported separately.
changed_others() { :; }

# Images belong to the nodes.
prune() { :; }
drop_broken() { rm -rf "$state/broken"; }

# --- settling a run that was killed

load_change() { mkdir -p "$run/swarm"; }

# A change that broke is kept until a later one has changed something, but is never settled: the later one starts from
# whatever runs. The facts of an earlier change must not be read by this run.
settle_broken_changes() { rm -rf "$run/swarm" && mkdir -p "$run/swarm"; }

# The deploy of a stack may have been interrupted between two services.
release_is_healthy() {
  local name rest
  while read -r name rest <&3; do
    has_mark "$name" "$(value_of id "$record/run")" || return
  done 3<"$record/swarm"
  settle_tasks && verify_tasks
}

# No traffic is diverted on a Swarm.
renew_rules() { :; }
remove_relay_unless_broken() { :; }
