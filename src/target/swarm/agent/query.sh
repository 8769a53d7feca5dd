# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Queries a manager for the facts of a service, for judge.sh. Each service has its own files, because several are
# watched at once:
#   swarm/NAME.facts, NAME.error, NAME.known (tasks from before the change)

service_view='service|{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}|{{index .Spec.Labels "slipway.run"}}|{{.Spec.TaskTemplate.ContainerSpec.Image}}|{{if .Spec.Mode.Replicated}}{{.Spec.Mode.Replicated.Replicas}}{{else if .Spec.Mode.ReplicatedJob}}{{.Spec.Mode.ReplicatedJob.TotalCompletions}}{{end}}|{{if .Spec.Mode.Replicated}}replicated{{else if .Spec.Mode.Global}}global{{else if .Spec.Mode.ReplicatedJob}}job{{else}}globaljob{{end}}|{{if .PreviousSpec}}{{index .PreviousSpec.Labels "slipway.run"}}{{end}}|{{if .PreviousSpec}}{{.PreviousSpec.TaskTemplate.ContainerSpec.Image}}{{end}}|{{with .Spec.TaskTemplate.RestartPolicy}}{{.Condition}}{{end}}|{{with .Spec.UpdateConfig}}{{printf "%d %d" .Delay .Monitor}}{{end}} {{with .Spec.RollbackConfig}}{{printf "%d %d" .Delay .Monitor}}{{end}}|{{if .JobStatus}}{{.JobStatus.JobIteration.Index}}{{end}}|{{if .UpdateStatus}}{{.UpdateStatus.Message}}{{end}}'
task_view='task|{{.ID}}|{{.DesiredState}}|{{.Status.State}}|{{.NodeID}}|{{.Spec.ContainerSpec.Image}}|{{if .JobIteration}}{{.JobIteration.Index}}{{end}}|{{.Status.Err}}{{if not .Status.Err}}{{if eq .Status.State "pending"}}{{.Status.Message}}{{end}}{{end}}'

full_name() { printf '%s%s\n' "$prefix" "$1"; } # NAME

# Returns 0 with the facts written and those of the service itself in variables, 1 if no manager answers, 2 if there is
# no such service.
query_service() { # NAME
  local facts="$run/swarm/$1.facts" service names
  service=$(full_name "$1")
  if docker service inspect --format "$service_view" "$service" >"$facts.new" 2>"$run/swarm/$1.error"; then
    tasks_of "$1" "$service" >>"$facts.new" 2>"$run/swarm/$1.error" && mv -f "$facts.new" "$facts" && read_service "$facts"
    return
  fi
  case $(cat "$run/swarm/$1.error") in *[Nn]'o such service'* | *'not found'*) ;; *) return 1 ;; esac
  # An engine also says so if the leader changes during the query, which is first by name and then by ID. Only a
  # complete list is conclusive.
  names=$(docker service ls --format '{{.Name}}' 2>"$run/swarm/$1.error") || return 1
  case $newline$names$newline in *"$newline$service$newline"*) return 1 ;; esac
  return 2
}

tasks_of() { # NAME SERVICE
  local current wanted ids
  docker node ls --format '{{if ne .Status "Ready"}}down|{{.ID}}{{end}}' &&
    current=$(docker service ps -q --no-trunc -f _up-to-date=true "$2") &&
    wanted=$(docker service ps -q --no-trunc -f desired-state=running -f desired-state=ready -f desired-state=accepted "$2") || return 1
  printf 'current|%s\n' $current
  [ ! -e "$run/swarm/$1.known" ] || sed 's/^/known|/' "$run/swarm/$1.known"
  ids=$(printf '%s\n' $current $wanted | LC_ALL=C sort -u)
  [ -n "$ids" ] || return 0
  # If one task disappears in between, this does not matter; an empty result is no answer.
  ids=$(docker inspect --type task --format "$task_view" $ids 2>/dev/null) || [ -n "$ids" ] || return 1
  printf '%s\n' "$ids"
}

# Notes the tasks that exist before a change, if a manager answers. If not, old failures count.
remember_tasks() { # NAME
  docker service ps -q --no-trunc "$(full_name "$1")" >"$run/swarm/$1.known" 2>/dev/null || :
}

no_manager() { # NAME
  local said
  said=$(tail -n 1 "$run/swarm/$1.error")
  printf '%s\n' "no manager answers${said:+: $said}"
}

# Repeats the query until a manager answers, for at most wait_timeout.
query_until_answered() { # NAME
  local begin code logged=''
  begin=$(seconds)
  while :; do
    code=0
    query_service "$1" || code=$?
    [ "$code" = 1 ] || return "$code"
    [ -n "$logged" ] || { say "  $(no_manager "$1")"; logged=yes; }
    [ $(($(seconds) - begin)) -lt "$wait_timeout" ] || { fail no-manager "$(no_manager "$1")"; return; }
    sleep 1
  done
}

# Does the same for a service that must exist.
query_existing() { # NAME
  local code=0
  query_until_answered "$1" || code=$?
  [ "$code" != 2 ] || fail service-gone "$1: the service was removed"
  return "$code"
}
