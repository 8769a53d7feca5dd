# What of a Compose project is there now. Needs answer.sh.
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
label project.config_files ,
label project.working_dir '}}'

image='{"id":{{json .ID}},"digests":{{json .RepoDigests}},"size":{{json .Size}}}'

containers() {
  project=$1 directory=$2
  shift 2
  ids=$(limited "$@" ps -aq --no-trunc --filter "label=com.docker.compose.project=$project")
  if [ -n "$ids" ]; then
    # shellcheck disable=SC2086 # an ID each
    tell containers "$@" inspect --type container --format "$container" $ids
    images=$(limited "$@" inspect --type container --format '{{.Image}}' $ids | sort -u)
    # shellcheck disable=SC2086
    tell images "$@" image inspect --format "$image" $images
  fi
  tell projects "$@" ps -a --filter "label=com.docker.compose.project.working_dir=$directory" --format '{{.Label "com.docker.compose.project"}}'
}

limit=20
answer containers "$@"
