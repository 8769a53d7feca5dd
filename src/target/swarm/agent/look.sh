# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# What a manager says of a service: facts for judge.sh. Each service has its own files, as several are watched at once:
#   swarm/NAME.facts, NAME.error, NAME.known (tasks from before the change), NAME.result (see watch.sh)

service_view='service|{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}|{{index .Spec.Labels "slipway.run"}}|{{.Spec.TaskTemplate.ContainerSpec.Image}}|{{if .Spec.Mode.Replicated}}{{.Spec.Mode.Replicated.Replicas}}{{else if .Spec.Mode.ReplicatedJob}}{{.Spec.Mode.ReplicatedJob.TotalCompletions}}{{end}}|{{if .Spec.Mode.Replicated}}replicated{{else if .Spec.Mode.Global}}global{{else if .Spec.Mode.ReplicatedJob}}job{{else}}globaljob{{end}}|{{if .PreviousSpec}}{{index .PreviousSpec.Labels "slipway.run"}}{{end}}|{{if .PreviousSpec}}{{.PreviousSpec.TaskTemplate.ContainerSpec.Image}}{{end}}|{{with .Spec.TaskTemplate.RestartPolicy}}{{.Condition}}{{end}}|{{with .Spec.UpdateConfig}}{{printf "%d %d" .Delay .Monitor}}{{end}} {{with .Spec.RollbackConfig}}{{printf "%d %d" .Delay .Monitor}}{{end}}|{{if .JobStatus}}{{.JobStatus.JobIteration.Index}}{{end}}|{{if .UpdateStatus}}{{.UpdateStatus.Message}}{{end}}'
task_view='task|{{.ID}}|{{.DesiredState}}|{{.Status.State}}|{{.NodeID}}|{{.Spec.ContainerSpec.Image}}|{{if .JobIteration}}{{.JobIteration.Index}}{{end}}|{{.Status.Err}}{{if not .Status.Err}}{{if eq .Status.State "pending"}}{{.Status.Message}}{{end}}{{end}}'

full_name() { printf '%s%s\n' "$prefix" "$1"; } # NAME

# 0: the facts are there; 1: no manager answers; 2: there is no such service.
look() { # NAME
  local facts="$run/swarm/$1.facts" service code=0
  service=$(full_name "$1")
  docker service inspect --format "$service_view" "$service" >"$facts.new" 2>"$run/swarm/$1.error" || code=$?
  if [ "$code" != 0 ]; then
    case $(cat "$run/swarm/$1.error") in *[Nn]'o such service'* | *'not found'*) return 2 ;; esac
    return 1
  fi
  tasks_of "$1" "$service" >>"$facts.new" 2>"$run/swarm/$1.error" || return 1
  mv -f "$facts.new" "$facts"
}

tasks_of() { # NAME SERVICE
  local nodes current wanted ids task
  nodes=$(docker node ls --format '{{.ID}} {{.Status}}') &&
    current=$(docker service ps -q --no-trunc -f _up-to-date=true "$2") &&
    wanted=$(docker service ps -q --no-trunc -f desired-state=running -f desired-state=ready -f desired-state=accepted "$2") || return
  down_nodes "$nodes"
  for task in $current; do echo "current|$task"; done
  if [ -e "$run/swarm/$1.known" ]; then
    while read -r task; do echo "known|$task"; done <"$run/swarm/$1.known"
  fi
  ids=$(printf '%s\n' $current $wanted | LC_ALL=C sort -u)
  [ -n "$ids" ] || return 0
  # One that goes away in between is no matter; that none is left is no answer.
  ids=$(docker inspect --type task --format "$task_view" $ids 2>/dev/null) || [ -n "$ids" ] || return
  printf '%s\n' "$ids"
}

down_nodes() { # LINES of `ID STATUS`
  local node status
  while read -r node status; do
    [ -z "$node" ] || [ "$status" = Ready ] || echo "down|$node"
  done <<LINES
$1
LINES
}

# As far as they can be asked; without them old failures count.
remember_tasks() { # NAME
  docker service ps -q --no-trunc "$(full_name "$1")" >"$run/swarm/$1.known" 2>/dev/null || :
}

no_manager() { # NAME
  local said
  said=$(tail -n 1 "$run/swarm/$1.error")
  echo "no manager answers${said:+: $said}"
}

# Asks again for as long as no manager answers, at most SECONDS.
look_patiently() { # NAME SECONDS
  local begin code told=''
  begin=$(seconds)
  while :; do
    code=0
    look "$1" || code=$?
    [ "$code" = 1 ] || return "$code"
    [ -n "$told" ] || { say "  $(no_manager "$1")"; told=yes; }
    [ $(($(seconds) - begin)) -lt "$2" ] || return 1
    sleep 1
  done
}
