# shellcheck shell=dash disable=SC2154,SC2046,SC2086
# How docker and Compose are called: each call has its deadline, and inherits descriptor 9, so that the lock is held
# until the last of them has ended, also when this script is killed.

limiter=''

# coreutils and busybox from 1.34 on; older busybox without -k; the oldest with -t.
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

docker() { within 60 docker "$@"; }

# The files that are named by options are the ones in place, unless $file_options name copies.
file_options=''
compose_call() {
  local file IFS="$newline"
  printf '%s%s\n%s\n' "$compose_words" -p "$project"
  # One that this deploy brings may not be there yet, or any more.
  for file in $compose_env_files; do [ ! -e "$file" ] || printf '%s\n%s\n' --env-file "$file"; done
  if [ -n "$file_options" ]; then echo "$file_options"; return; fi
  for file in $compose_files; do printf '%s\n%s\n' -f "$file"; done
}

# Asks the engine something; an engine that is away is waited for, and asked again. Only what it answers is passed on:
# `docker inspect` prints an empty line where it reaches no engine.
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
  # A file, as most who ask do so in a `$(…)`.
  : >"$run/away"
  say "  The Docker engine answers again after $(($(seconds) - begin)) s."
}

# Whether the engine was away since this was last asked.
was_away() { [ -e "$run/away" ] && rm -f "$run/away"; }

# What a command said on its way out, for the log.
log_error() { [ ! -s "$run/error" ] || tail -n 5 "$run/error" | indented >&6; }

# What Compose came to: what can be told from the last that it said is named.
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

# The containers of all services, as they are at one moment: lines of
#   SERVICE ID NAME STATUS IMAGE-ID RESTARTS CONFIG-HASH EXIT-CODE STARTED HEALTH FAILING-STREAK /MADE-FROM
# in $run/snapshot. What asks about several services takes one, and reads it by in_snapshot.
snapshot() {
  local ids try
  for try in 1 2 3; do
    ids=$(list_containers) || break
    : >"$run/snapshot.new"
    # One may have gone between the two questions.
    if [ -z "$ids" ] || ask inspect --format "$snapshot_format" $ids >"$run/snapshot.new"; then
      [ -z "$ids" ] || [ -e "$run/strangers" ] || find_strangers
      each_that_counts <"$run/snapshot.new" >"$run/snapshot" && return
      break
    fi
  done
  fail engine-unreachable 'the Docker engine did not list the containers'
}
# `.ID`, not `.Id`: with that, docker reads the answer as a plain map, in which `.State.Health` can be missing.
snapshot_format='{{index .Config.Labels "com.docker.compose.service"}} {{.ID}} {{slice .Name 1}} {{.State.Status}} {{.Image}} {{.RestartCount}} {{index .Config.Labels "com.docker.compose.config-hash"}} {{.State.ExitCode}} {{.State.StartedAt}} {{if .State.Health}}{{.State.Health.Status}} {{.State.Health.FailingStreak}}{{else}}none 0{{end}} /{{index .Config.Labels "com.docker.compose.image"}}'

# Of the service whose line is read.
ids_in_snapshot() { in_snapshot "$name" | cut -d ' ' -f 1; }

in_snapshot() { lines_of "$1" "$run/snapshot"; } # SERVICE

# By full ID, as Compose counts them: those of `compose run` are not among them, nor is what has no config hash.
list_containers() { # FILTER…
  if [ -n "$shadows_of" ]; then set -- "$@" --filter "label=slipway.shadow=$shadows_of"
  else set -- "$@" --filter label=com.docker.compose.oneoff=False --filter label=com.docker.compose.config-hash
  fi
  ask ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" "$@"
}

# Those of one service, now.
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

# Of services that start first, the gate looks at the new containers alone.
old_ones=''
counts() { # ID
  case $newline$old_ones$newline$(cat "$run/strangers" 2>/dev/null)$newline in *"$newline$1$newline"*) return 1 ;; esac
}

# Containers that have Compose's labels from their image (`docker commit` keeps them there): no image can name its own
# ID, which is in the labels of v2, and in the hash of v1. An image that is gone was never committed from one.
find_strangers() {
  local images service id title status image restarts hash code started health streak made_from
  images=$(docker image inspect --format '{{.ID}} {{if .Config}}{{index .Config.Labels "com.docker.compose.config-hash"}} /{{index .Config.Labels "com.docker.compose.image"}}{{end}}' \
    $(cut -d ' ' -f 5 "$run/snapshot.new" | LC_ALL=C sort -u) 2>/dev/null)
  while read -r service id title status image restarts hash code started health streak made_from; do
    case $newline$images$newline in *"$newline$image $hash $made_from$newline"*) echo "$id" ;; esac
  done <"$run/snapshot.new" >"$run/strangers"
}
