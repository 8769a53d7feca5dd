# Reports the containers of a Compose project, and the state that its earlier deploys left. Needs answer.sh and
# state.sh.
# Arguments: the project's name, its directory, and the words of a docker call.

# Only the needed fields, as labels and environments contain secrets. `.ID` and not `.Id`: for a name that the client's
# own types lack, it falls back to the raw JSON, where a container without a healthcheck has no `.State.Health`.
container='{"id":{{json .ID}},"name":{{json .Name}},"state":{{json .State.Status}},"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}},"started":{{json .State.StartedAt}},"exit":{{json .State.ExitCode}},"restarts":{{json .RestartCount}},"reference":{{json .Config.Image}},"image":{{json .Image}},"healthcheck":{{json .Config.Healthcheck}},"labels":{'
add_label() {
  container=$container'"'$1'":{{json (index .Config.Labels "com.docker.compose.'$1'")}}'$2
}
add_label service ,
add_label config-hash ,
add_label oneoff ,
add_label version ,
add_label image ,
add_label project.config_files ,
add_label project.working_dir '}}'

# Includes the labels that `docker commit` leaves in an image: every container of that image has them too.
image='{"id":{{json .ID}},"digests":{{json .RepoDigests}},"size":{{json .Size}},"labels":{{if .Config}}{"config-hash":{{json (index .Config.Labels "com.docker.compose.config-hash")}},"image":{{json (index .Config.Labels "com.docker.compose.image")}}}{{else}}{}{{end}}}'

# Words are split on purpose: one for each ID.
# shellcheck disable=SC2086
report_containers() {
  capture containers "$@" inspect --type container --format "$container" $ids
  images=$(limited "$@" inspect --type container --format '{{.Image}}' $ids | sort -u)
  capture images "$@" image inspect --format "$image" $images
}

containers() {
  project=$1 directory=$2
  shift 2
  report_state "$directory" "$project"
  ids=$(limited "$@" ps -aq --no-trunc --filter "label=com.docker.compose.project=$project") || say unlisted
  report_surroundings "$@" </dev/null | {
    report_projects "$@" </dev/null | {
      [ -z "$ids" ] || report_containers "$@" </dev/null
      cat
    }
    cat
  }
}

# Reports the projects that run from this directory, also under another path that leads to it.
report_projects() {
  here=$(cd -P -- "$directory" 2>/dev/null && pwd)
  from='{{.Label "com.docker.compose.project"}} {{.Label "com.docker.compose.project.working_dir"}}'
  say projects "$(limited "$@" ps -a --filter label=com.docker.compose.project --format "$from" | sort -u |
    while read -r name its; do
      [ -n "$its" ] && [ "$(cd -P -- "$its" 2>/dev/null && pwd || printf '%s\n' "$its")" = "${here:-$directory}" ] && printf '%s\n' "$name"
    done)"
}

# Reports everything on this server that may conflict with the project: containers, networks, volumes, ports.
report_surroundings() {
  { networks=$(limited "$@" network ls --format '{{.Name}}' 2>/dev/null) && say networks "$networks"; } </dev/null | {
    { volumes=$(limited "$@" volume ls -q 2>/dev/null) && say volumes "$volumes"; } </dev/null | {
      ids=$(limited "$@" ps -aq --no-trunc </dev/null)
      # shellcheck disable=SC2086
      [ -z "$ids" ] || say others "$(limited "$@" inspect --type container --format "$other" $ids 2>/dev/null </dev/null)"
      cat
    }
    cat
  }
  say listening.tcp "$(listening_sockets 0A /proc/net/tcp /proc/net/tcp6)"
  say listening.udp "$(listening_sockets 07 /proc/net/udp /proc/net/udp6)"
}

# Prints the sockets in a state as the kernel does: address and port in hexadecimal.
listening_sockets() { # STATE FILE…
  listens=$1
  shift
  sed -n "s/^ *[0-9]*: \\([0-9A-F]*:[0-9A-F]*\\) [0-9A-F]*:[0-9A-F]* $listens .*/\\1/p" "$@" 2>/dev/null | sort -u
}

other='{"name":{{json .Name}},"running":{{json .State.Running}},"reference":{{json .Config.Image}},"ports":{{json .HostConfig.PortBindings}},"bound":{{json .NetworkSettings.Ports}},"network":{{json .HostConfig.NetworkMode}},"oneoff":{{json (index .Config.Labels "com.docker.compose.oneoff")}},"shadow":{{json (index .Config.Labels "slipway.shadow")}},"project":{{json (index .Config.Labels "com.docker.compose.project")}},"service":{{json (index .Config.Labels "com.docker.compose.service")}},"directory":{{json (index .Config.Labels "com.docker.compose.project.working_dir")}}}'

answer containers "$@"
