# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046
# Pulls the pushed image on every node that may run it, before anything is changed. A global job does so, and runs
# nothing, because its program does not exist. If a task is rejected, its node does not have the image; if a task fails
# to start its container, the node has it.

pull_on_all_nodes() {
  local name declared new rest constraints done='' jobs=0
  step pull "Pull $(images_of_release)" || return
  while read -r name declared new rest <&3; do
    constraints=$(constraints_of "$name")
    case "$newline$done" in *"$newline$new $constraints$newline"*) continue ;; esac
    pull_on_this_node "$new" && jobs=$((jobs + 1)) && pull_by_job "$new" "$jobs" || return
    done="$done$new $constraints$newline"
  done 3<"$record/services"
}

# Pulls on this node first: only the engine itself reports what the registry answers, a task does not.
pull_on_this_node() { # IMAGE
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
  call_authorized 120 "$@" "$image" >"$run/said" 2>&1 || { fail pull-failed "the nodes could not be asked to pull $image: $(last_output)"; return; }
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
    # On a node that has the image, Swarm starts the job over and over, so its tasks never stay the same.
    [ "$seen" = "$pulled $pulling" ] || { seen="$pulled $pulling" steady=$now; }
    if [ -n "$pull_failed_at" ]; then
      fail pull-failed "$2 could not be pulled on ${pull_failed_at#, }: $pull_error"
      return
    fi
    # Swarm creates the tasks one by one; by now all of them exist.
    if [ "$pulling" = 0 ] && [ "$pulled" -gt 0 ] && { [ "$pulled" -ge "$(eligible_nodes)" ] || [ $((now - steady)) -ge 3 ]; }; then
      say "  Pulled on $pulled nodes in $((now - begin)) s"
      return 0
    fi
    if [ "$pulling$pulled" = 00 ] && [ $((now - begin)) -ge 20 ]; then
      fail platform-missing "no node of the swarm can run $2: none matches its platforms and constraints"
      return
    fi
    if [ $((now - begin)) -ge "$pull_timeout" ]; then
      fail pull-timeout "$pulling nodes did not finish pulling $2 within $pull_timeout s"
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

# Counts by node, because Swarm starts the job of a node over and over: a node that once had the image has it. A node
# counts as rejected only after the second rejection, because a registry may fail once.
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
      # A task that no node fits stays pending without a node, and does not count.
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

# Removes the jobs of runs that were killed. This runs under the lock, so no other run pulls for this state directory.
drop_pull_jobs() {
  local left
  left=$(docker service ls -q --filter "label=slipway.pull=$state" 2>/dev/null)
  [ -z "$left" ] || docker service rm $left >/dev/null 2>&1 || :
}

# Prints the placement constraints of a service: those in its stack file, or else its current ones.
constraints_of() { # NAME
  if [ -e "$run/swarm/constraints" ]; then
    sed -n "s/^$1|//p" "$run/swarm/constraints"
  else
    docker service inspect --format '{{with .Spec.TaskTemplate.Placement}}{{range .Constraints}}{{println .}}{{end}}{{end}}' "$(full_name "$1")" 2>/dev/null
  fi
}

# Calls docker with the credential, if there is one, and with the variables of the env file $environment.
call_authorized() { # SECONDS ARGUMENT…
  local limit="$1" words="$docker_words" IFS="$newline"
  shift
  case $words in sudo"$newline"*) words="sudo$newline--preserve-env=$newline${words#sudo"$newline"}" ;; esac
  if [ -n "$credential" ]; then configure_docker; set -- --config "$run/docker" "$@"; fi
  set -- $limiter "$limit" $words "$@"
  client_configuration | (with_settings "$environment" exec_with_settings $# "$@")
}
