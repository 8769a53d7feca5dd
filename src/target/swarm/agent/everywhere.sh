# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046
# The pushed image on every node that may run it, before anything is changed: a job that runs nothing, as its program does
# not exist. A task that is rejected has no image; one that fails to start its container has it.

pull_everywhere() {
  local name declared new rest constraints done='' jobs=0
  step pull "Pull $(images_of_release)" || return
  while read -r name declared new rest <&3; do
    constraints=$(constraints_of "$name")
    case "$newline$done" in *"$newline$new $constraints$newline"*) continue ;; esac
    pull_here "$new" && jobs=$((jobs + 1)) && pull_by_job "$new" "$jobs" || return
    done="$done$new $constraints$newline"
  done 3<"$record/services"
}

# What the registry says is told by the engine itself, and by no task.
pull_here() { # IMAGE
  local role
  role=$(docker node inspect self --format '{{.Spec.Availability}}' 2>/dev/null)
  [ "$role" = active ] || return 0
  case $(printf '%s' "$constraints" | tr -d ' ') in *node.role==worker* | *node.role!=manager*) return 0 ;; esac
  if [ -n "$rollback_to" ] && ask image inspect "$1" >/dev/null; then return 0; fi
  pull "$1" && return
  # Other nodes may have another platform.
  [ "$reason_code" = platform-missing ] || return
  reason='' reason_code=''
}

pull_by_job() { # IMAGE NUMBER
  local job="slipway-pull-$id-$2" image="$1" line code=0
  set -- service create --detach --quiet --mode global-job --restart-condition none --with-registry-auth \
    --entrypoint /slipway/none --name "$job" --label "slipway.pull=$state"
  while IFS= read -r line; do
    [ -z "$line" ] || set -- "$@" --constraint "$line"
  done <<LINES
$constraints
LINES
  call_authorized 120 "$@" "$image" >"$run/said" 2>&1 || { fail pull-failed "the nodes could not be asked to pull $image: $(said_last)"; return; }
  await_pulls "$job" "$image" || code=$?
  docker service rm "$job" >/dev/null 2>&1
  return "$code"
}

await_pulls() { # JOB IMAGE
  local begin steady='' seen='' now logged='' list
  begin=$(seconds)
  while :; do
    if is_cancelled; then fail cancelled 'cancelled during the pull'; return; fi
    now=$(seconds)
    list=$(pull_tasks "$1") || list=''
    count_pulls "$list"
    # Swarm begins the job of a node that has the image again and again: its tasks never stay the same.
    [ "$seen" = "$pulled $pulling" ] || { seen="$pulled $pulling" steady=$now; }
    if [ -n "$pull_failed_at" ]; then
      fail pull-failed "$2 could not be pulled on ${pull_failed_at#, }: $pull_error"
      return
    fi
    # Tasks are made one by one; by then all of them are there.
    if [ "$pulling" = 0 ] && [ "$pulled" -gt 0 ] && { [ "$pulled" -ge "$(eligible_nodes)" ] || [ $((now - steady)) -ge 3 ]; }; then
      say "  on $pulled nodes, in $((now - begin)) s"
      return 0
    fi
    if [ "$pulling$pulled" = 00 ] && [ $((now - begin)) -ge 20 ]; then
      fail platform-missing "no node of the swarm can run $2: neither its platforms nor its constraints fit one"
      return
    fi
    if [ $((now - begin)) -ge "$pull_timeout" ]; then
      fail pull-timeout "$pulling nodes did not end their pull of $2 within $pull_timeout s"
      return
    fi
    if [ $((now - begin)) -ge $((${logged:-0} + 10)) ]; then logged=$((now - begin)); say "  $pulled nodes have it, $pulling are pulling, $logged s"; fi
    nap
  done
}

pull_tasks() { # JOB
  local ids
  ids=$(docker service ps -q --no-trunc "$1" 2>/dev/null) && [ -n "$ids" ] || return
  docker inspect --type task --format '{{.Status.State}}|{{.NodeID}}|{{.Status.Err}}' $ids 2>/dev/null
}

# By node, as Swarm begins the job of a node again and again: one that has the image once has it. A node is rejected twice
# before it counts as such: a registry may stumble.
count_pulls() { # LINES
  local its_state node error had=' ' once=' ' twice=' ' in_progress=' '
  pulled=0 pulling=0 pull_failed_at='' pull_error=''
  while IFS='|' read -r its_state node error; do
    case $its_state in
      '') ;;
      rejected)
        pull_error=$error
        case $once in *" $node "*) twice="$twice$node " ;; *) once="$once$node " ;; esac
        ;;
      failed | complete) had="$had$node " ;;
      # Without a node for it a task stays pending: its node is not one of those that count.
      *) [ -z "$node" ] || in_progress="$in_progress$node " ;;
    esac
  done <<LINES
$1
LINES
  for node in $(printf '%s\n' $had $once $in_progress | LC_ALL=C sort -u); do
    case $had in *" $node "*) pulled=$((pulled + 1)); continue ;; esac
    case $twice in *" $node "*) pull_failed_at="$pull_failed_at, $(node_name "$node")" ;; esac
    pulling=$((pulling + 1))
  done
}

eligible_nodes() { docker node ls --format '{{.Status}} {{.Availability}}' 2>/dev/null | grep -c '^Ready Active$'; }

node_name() { # ID
  local found
  found=$(docker node inspect --format '{{.Description.Hostname}}' "$1" 2>/dev/null)
  echo "${found:-${1:-a node}}"
}

# Of runs that were killed. Nobody else pulls for this directory of state: it is done under the lock.
drop_pull_jobs() {
  local left
  left=$(docker service ls -q --filter "label=slipway.pull=$state" 2>/dev/null)
  [ -z "$left" ] || docker service rm $left >/dev/null 2>&1 || :
}

# What the service is bound to: as its stack file says, else as it is.
constraints_of() { # NAME
  if [ -e "$run/swarm/constraints" ]; then
    sed -n "s/^$1|//p" "$run/swarm/constraints"
  else
    docker service inspect --format '{{with .Spec.TaskTemplate.Placement}}{{range .Constraints}}{{println .}}{{end}}{{end}}' "$(full_name "$1")" 2>/dev/null
  fi
}

# With the credential, where there is one.
call_authorized() { # SECONDS ARGUMENT…
  local limit="$1" words="$docker_words" IFS="$newline"
  shift
  # sudo hands on only what is named.
  case $words in sudo"$newline"*) [ -z "$settings_names" ] || words="sudo$newline--preserve-env=$settings_names$newline${words#sudo"$newline"}" ;; esac
  if [ -n "$credential" ]; then configure_docker; set -- --config "$run/docker" "$@"; fi
  client_configuration | $limiter "$limit" $words "$@"
}
