# shellcheck shell=dash disable=SC2154,SC2046,SC2086
# How docker and Compose are called. Each call has a deadline and inherits descriptor 9: if this script is killed, the
# lock is held until the last command that it started has ended.

limiter=''

# coreutils and busybox 1.34 or later have -k; older busybox does not; the oldest wants -t before the seconds.
find_limiter() {
  if timeout -k 1 1 true 2>/dev/null; then limiter="timeout${newline}-k${newline}15"
  elif timeout 1 true 2>/dev/null; then limiter=timeout
  else limiter="timeout${newline}-t"
  fi
}

within() { # SECONDS docker|compose ARGUMENT…
  local limit="$1" words IFS="$newline"
  case $2 in docker) words=$docker_words ;; compose) words=$(compose_call) ;; esac
  shift 2
  $limiter "$limit" $words "$@"
}

# Whether `within` ended a command at its limit. Some versions of timeout(1) exit with 128 plus the number of the signal
# that they sent, and a command that something else killed has the same exit code.
at_limit() { # CODE BEGIN SECONDS
  case $1 in 124 | 137 | 143) past "$2" "$3" ;; *) return 1 ;; esac
}

docker() { within 60 docker "$@"; }

# The `-f` options for Compose name the files in place, unless $file_options names copies.
file_options=''
compose_call() {
  local file IFS="$newline"
  printf '%s%s\n%s\n' "$compose_words" -p "$project"
  # A file that this deploy uploads may not exist yet, or no longer after a rollback.
  for file in $compose_env_files; do [ ! -e "$file" ] || printf '%s\n%s\n' --env-file "$file"; done
  if [ -n "$file_options" ]; then printf '%s\n' "$file_options"; return; fi
  for file in $compose_files; do printf '%s\n%s\n' -f "$file"; done
}

# Asks the engine; if the engine is away, waits for it and asks again. Prints only the answer of a successful call,
# because `docker inspect` prints an empty line if it reaches no engine.
ask() {
  local answer
  until answer=$(docker "$@" 2>"$run/error"); do
    if engine_answers; then return 1; fi
    await_engine || return 1
  done
  [ -z "$answer" ] || printf '%s\n' "$answer"
}

engine_answers() { within 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

await_engine() {
  local begin
  begin=$(seconds)
  say '  The Docker engine does not answer; waiting for it.'
  until engine_answers; do
    if [ $(($(seconds) - begin)) -ge "$engine_timeout" ]; then
      fail engine-unreachable "the Docker engine did not answer for $engine_timeout s"
      return 1
    fi
    nap
  done
  # A file, because most callers run in a subshell, `$(…)`.
  : >"$run/away"
  say "  The Docker engine answers again after $(($(seconds) - begin)) s."
}

# Returns whether the engine was away since the last call.
was_away() { [ -e "$run/away" ] && rm -f "$run/away"; }

# Logs the last error output of a command.
log_error() { [ ! -s "$run/error" ] || tail -n 5 "$run/error" | indented >&6; }

# Fails with the cause, if the last line of Compose's output reveals it.
compose_failed() { # EXIT-CODE LAST-LINE
  local said="$2"
  case $said in
    *'port is already allocated'* | *'address already in use'* | *'ports are not available'*)
      fail port-taken "port $(port_in "$said") on the server is already in use: $said"
      ;;
    *'no space left on device'*) fail disk-full "no disk space is left: $said" ;;
    *'No such image'*) fail image-missing "Compose failed (exit code $1): $said" ;;
    *) fail compose-failed "Compose failed (exit code $1)${said:+: $said}" ;;
  esac
}

port_in() { # TEXT
  local word
  for word in $1; do
    case $word in *:[0-9]*) word=${word#"${word%%:[0-9]*}":}; echo "${word%%[!0-9]*}"; return ;; esac
  done
}

indented() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do printf '  %s\n' "$line"; done
}

# The containers of all services at one moment: lines of
#   SERVICE ID NAME STATUS IMAGE-ID RESTARTS CONFIG-HASH EXIT-CODE STARTED HEALTH FAILING-STREAK /MADE-FROM
# in $run/snapshot. Code that asks about several services takes one snapshot and reads it with in_snapshot.
snapshot() {
  local ids try
  for try in 1 2 3; do
    ids=$(list_containers) || break
    : >"$run/snapshot.new"
    # A container may have been removed between the two calls.
    if [ -z "$ids" ] || ask inspect --format "$snapshot_format" $ids >"$run/snapshot.new"; then
      [ -z "$ids" ] || [ -e "$run/strangers" ] || find_strangers
      each_that_counts <"$run/snapshot.new" >"$run/snapshot" && return
      break
    fi
  done
  fail engine-unreachable 'the Docker engine did not list the containers'
}
# `.ID`, not `.Id`: with `.Id`, docker evaluates the template on the raw JSON, in which `.State.Health` may be missing.
snapshot_format='{{index .Config.Labels "com.docker.compose.service"}} {{.ID}} {{slice .Name 1}} {{.State.Status}} {{.Image}} {{.RestartCount}} {{index .Config.Labels "com.docker.compose.config-hash"}} {{.State.ExitCode}} {{.State.StartedAt}} {{if .State.Health}}{{.State.Health.Status}} {{.State.Health.FailingStreak}}{{else}}none 0{{end}} /{{index .Config.Labels "com.docker.compose.image"}}'

# For the service of the current line of each_service.
ids_in_snapshot() { in_snapshot "$name" | cut -d ' ' -f 1; }

in_snapshot() { lines_of "$1" "$run/snapshot"; } # SERVICE

# Lists full IDs. Like Compose, leaves out containers of `compose run` and those without a config hash.
list_containers() { # FILTER…
  if [ -n "$shadows_of" ]; then set -- "$@" --filter "label=slipway.shadow=$shadows_of"
  else set -- "$@" --filter label=com.docker.compose.oneoff=False --filter label=com.docker.compose.config-hash
  fi
  ask ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" "$@"
}

# Lists the current containers of one service.
containers_of() { # SERVICE
  local ids id
  [ -e "$run/strangers" ] || snapshot || return
  ids=$(list_containers --filter "label=com.docker.compose.service=$1") || return
  for id in $ids; do ! counts "$id" || echo "$id"; done
}

each_that_counts() {
  local service id rest
  while read -r service id rest; do ! counts "$id" || printf '%s\n' "$service $id $rest"; done
}

# With start-first, the gate looks only at the new containers of a service.
old_ones=''
counts() { # ID
  case $newline$old_ones$newline$(cat "$run/strangers" 2>/dev/null)$newline in *"$newline$1$newline"*) return 1 ;; esac
}

# Finds containers that have Compose's labels only because their image has them (`docker commit` copies them). An image
# cannot contain its own ID, which is in the labels of Compose v2 and in the config hash of v1, so equal labels mean a
# copy. If the image no longer exists, the container was not committed.
find_strangers() {
  local images service id title status image restarts hash code started health streak made_from
  images=$(docker image inspect --format '{{.ID}} {{if .Config}}{{index .Config.Labels "com.docker.compose.config-hash"}} /{{index .Config.Labels "com.docker.compose.image"}}{{end}}' \
    $(cut -d ' ' -f 5 "$run/snapshot.new" | LC_ALL=C sort -u) 2>/dev/null)
  while read -r service id title status image restarts hash code started health streak made_from; do
    case $newline$images$newline in *"$newline$image $hash $made_from$newline"*) echo "$id" ;; esac
  done <"$run/snapshot.new" >"$run/strangers"
}
