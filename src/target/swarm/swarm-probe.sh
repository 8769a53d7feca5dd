# Reports the swarm, its nodes and services, and the state that earlier deploys left. Needs answer.sh and state.sh.
# Arguments: the project, its directory, the stack or `-`, the number of services, their full names, and the words of a
# docker call.

# Only the needed fields, as environments contain secrets.
service='{"name":{{json .Spec.Name}},"image":{{json .Spec.TaskTemplate.ContainerSpec.Image}},"mode":{{if .Spec.Mode.Replicated}}"replicated"{{else if .Spec.Mode.Global}}"global"{{else}}"job"{{end}},"replicas":{{if .Spec.Mode.Replicated}}{{json .Spec.Mode.Replicated.Replicas}}{{else}}null{{end}},"ports":{{if .Spec.EndpointSpec}}{{json .Spec.EndpointSpec.Ports}}{{else}}null{{end}},"update":{{json .Spec.UpdateConfig}},"constraints":{{with .Spec.TaskTemplate.Placement}}{{json .Constraints}}{{else}}null{{end}},"healthcheck":{{json .Spec.TaskTemplate.ContainerSpec.Healthcheck}},"state":{{if .UpdateStatus}}{{json .UpdateStatus.State}}{{else}}""{{end}}}'
task='"id":{{json .ID}},"name":{{json .Name}},"node":{{json .Node}},"state":{{json .CurrentState}}}'
node='{"id":{{json .ID}},"hostname":{{json .Description.Hostname}},"status":{{json .Status.State}},"availability":{{json .Spec.Availability}},"role":{{json .Spec.Role}},"os":{{json .Description.Platform.OS}},"architecture":{{json .Description.Platform.Architecture}},"labels":{{json .Spec.Labels}}}'
swarm='{"state":{{json .Swarm.LocalNodeState}},"control":{{json .Swarm.ControlAvailable}},"error":{{json .Swarm.Error}},"heartbeat":{{if .Swarm.Cluster}}{{printf "%d" .Swarm.Cluster.Spec.Dispatcher.HeartbeatPeriod}}{{else}}0{{end}},"addresses":{{json .Swarm.RemoteManagers}}}'

swarm_probe() {
  project=$1 directory=$2 stack=$3 count=$4
  shift 4
  names=''
  while [ "$count" -gt 0 ]; do
    names="$names $1" count=$((count - 1))
    shift
  done
  report_state "$directory" "$project"
  capture swarm "$@" info --format "$swarm"
  ids=$(limited "$@" node ls -q 2>/dev/null)
  capture nodes "$@" node ls --format '{{.ID}}'
  [ -n "$ids" ] || return 0
  # shellcheck disable=SC2086 # one word for each ID
  capture node "$@" node inspect --format "$node" $ids
  say names "$(limited "$@" service ls --format '{{.Name}}')"
  say service "$(for name in $names; do limited "$@" service inspect --format "$service" "$name" 2>/dev/null; done)"
  say task "$(for name in $names; do limited "$@" service ps --no-trunc --filter desired-state=running --format "{\"service\":\"$name\",$task" "$name" 2>/dev/null; done)"
}

answer swarm_probe "$@"
