# What of a Compose project is there now, and what its earlier deploys left. Needs answer.sh and
# state.sh.
# Arguments: the project's name, its directory, and the words of a docker call.

# No more than is asked for: labels and environments hold secrets. `.ID`, not `.Id`: a name that the client's own
# types do not have sends it to the raw JSON, where a container without a healthcheck has no `.State.Health`.
container='{"id":{{json .ID}},"name":{{json .Name}},"state":{{json .State.Status}},"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}},"started":{{json .State.StartedAt}},"exit":{{json .State.ExitCode}},"restarts":{{json .RestartCount}},"reference":{{json .Config.Image}},"image":{{json .Image}},"healthcheck":{{json .Config.Healthcheck}},"labels":{'
label() {
  container=$container'"'$1'":{{json (index .Config.Labels "com.docker.compose.'$1'")}}'$2
}
label service ,
label config-hash ,
label oneoff ,
label version ,
label image ,
label project.config_files ,
label project.working_dir '}}'

# With the labels that a `docker commit` left in it: whatever is started from it has them, too.
image='{"id":{{json .ID}},"digests":{{json .RepoDigests}},"size":{{json .Size}},"labels":{{if .Config}}{"config-hash":{{json (index .Config.Labels "com.docker.compose.config-hash")}},"image":{{json (index .Config.Labels "com.docker.compose.image")}}}{{else}}{}{{end}}}'

# Words are split on purpose: an ID each.
# shellcheck disable=SC2086
described() {
  tell containers "$@" inspect --type container --format "$container" $ids
  images=$(limited "$@" inspect --type container --format '{{.Image}}' $ids | sort -u)
  tell images "$@" image inspect --format "$image" $images
}

containers() {
  project=$1 directory=$2
  shift 2
  state "$directory" "$project"
  ids=$(limited "$@" ps -aq --no-trunc --filter "label=com.docker.compose.project=$project") || say unlisted
  surroundings "$@" </dev/null | {
    projects "$@" </dev/null | {
      [ -z "$ids" ] || described "$@" </dev/null
      cat
    }
    cat
  }
}

# The projects that run from here, also by another path that leads here.
projects() {
  here=$(cd -P -- "$directory" 2>/dev/null && pwd)
  from='{{.Label "com.docker.compose.project"}} {{.Label "com.docker.compose.project.working_dir"}}'
  say projects "$(limited "$@" ps -a --filter label=com.docker.compose.project --format "$from" | sort -u |
    while read -r name its; do
      [ -n "$its" ] && [ "$(cd -P -- "$its" 2>/dev/null && pwd || echo "$its")" = "${here:-$directory}" ] && printf '%s\n' "$name"
    done)"
}

# What else is on this server and can be in the way: containers, networks, volumes, ports.
surroundings() {
  { networks=$(limited "$@" network ls --format '{{.Name}}' 2>/dev/null) && say networks "$networks"; } </dev/null | {
    { volumes=$(limited "$@" volume ls -q 2>/dev/null) && say volumes "$volumes"; } </dev/null | {
      ids=$(limited "$@" ps -aq --no-trunc </dev/null)
      # shellcheck disable=SC2086
      [ -z "$ids" ] || say others "$(limited "$@" inspect --type container --format "$other" $ids 2>/dev/null </dev/null)"
      cat
    }
    cat
  }
  say listening.tcp "$(listening 0A /proc/net/tcp /proc/net/tcp6)"
  say listening.udp "$(listening 07 /proc/net/udp /proc/net/udp6)"
}

# Addresses in hexadecimal, as the kernel has them.
listening() { # STATE FILE…
  listens=$1
  shift
  sed -n "s/^ *[0-9]*: \\([0-9A-F]*:[0-9A-F]*\\) [0-9A-F]*:[0-9A-F]* $listens .*/\\1/p" "$@" 2>/dev/null | sort -u
}

other='{"name":{{json .Name}},"running":{{json .State.Running}},"reference":{{json .Config.Image}},"ports":{{json .HostConfig.PortBindings}},"bound":{{json .NetworkSettings.Ports}},"network":{{json .HostConfig.NetworkMode}},"oneoff":{{json (index .Config.Labels "com.docker.compose.oneoff")}},"shadow":{{json (index .Config.Labels "slipway.shadow")}},"project":{{json (index .Config.Labels "com.docker.compose.project")}},"service":{{json (index .Config.Labels "com.docker.compose.service")}},"directory":{{json (index .Config.Labels "com.docker.compose.project.working_dir")}}}'

answer containers "$@"
