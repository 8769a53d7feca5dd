# shellcheck shell=dash disable=SC2154
# Pulls the pushed digest, because a tag may have moved since.

pull_images() {
  step pull "Pull $(images_of_release)" && each_service pull_for_service
}

print_new() { [ "$new" = - ] || echo "$new"; }

images_of_release() { listed "$(each_once "$(each_service print_new)")"; }

pull_for_service() {
  if [ "$new" != - ]; then pull_and_name; else [ "$kind" = orphan ] || fetch_images "$name $declared"; fi
}

# Until the image has a name, a `docker image prune` may remove it.
pull_and_name() {
  local try
  for try in 1 2 3 4 5; do
    if [ -z "$rollback_to" ] || ! ask image inspect "$new" >/dev/null; then
      pull "$new" "$(platform_of "$name")" || return
    fi
    ask tag "$new" "$(kept_name "$name" "$new")" && return
    log_error
  done
  fail image-removed "$new was pulled $try times and removed from the server each time"
}

# Retries if the registry fails, or does not show yet what was just pushed. Does not retry if the registry refuses.
pull() { # IMAGE [PLATFORM]
  local begin code try=0
  begin=$(seconds)
  while :; do
    try=$((try + 1))
    start_pull "$1" "$(time_left "$begin")" "${2:-}"
    watch_pull "$begin" "$1" || return
    code=$(cat "$run/pull.code")
    [ "$code" != 0 ] || { say "  Pulled in $(($(seconds) - begin)) s"; return 0; }
    engine_answers || { await_engine || return; continue; }
    if [ "$code" = 124 ] || [ $(($(seconds) - begin)) -ge "$pull_timeout" ]; then
      fail pull-timeout "the pull of $1 did not finish within $pull_timeout s"
      return
    fi
    if [ "$try" -ge 4 ] || is_refused; then pull_failed "$1"; return; fi
    say "  $(last_pull_line): trying again in $((try * 3)) s"
    sleep $((try * 3))
  done
}

platform_of() { # SERVICE
  beginning_with "$1" <<LINES
$platforms
LINES
}

platform_option() { # SERVICE
  local platform
  platform=$(platform_of "$1")
  [ -z "$platform" ] || printf '%s\n' --platform "$platform"
}

# At least 1 s: `timeout` takes 0 as no limit.
time_left() { # BEGIN
  local left
  left=$((pull_timeout - ($(seconds) - $1)))
  [ "$left" -ge 1 ] || left=1
  echo "$left"
}

start_pull() { # IMAGE SECONDS PLATFORM|''
  local limit="$2"
  rm -f "$run/pull.code"
  set -- pull ${3:+--platform "$3"} "$1"
  if [ -n "$credential" ]; then configure_docker; set -- --config "$run/docker" "$@"; fi
  (
    code=0
    client_configuration | call_pull "$limit" "$@" >"$run/pull" 2>&1 || code=$?
    # watch_pull waits for this file. If the disk is full, it takes the space that is reserved for the verdict.
    put "$run/pull.code" "$code" || { free_reserve; put "$run/pull.code" "$code"; }
  ) &
}

# Passes the credential through a pipe. The client configuration is a link to stdin, not a file, so nothing can be left
# behind, however this ends. The context must be named, because otherwise docker would use another engine.
configure_docker() {
  context=$(docker context inspect --format '{{.Name}}' 2>/dev/null) || context=''
  mkdir -p "$run/docker" && ln -sf /dev/stdin "$run/docker/config.json"
  [ -e "$run/docker/contexts" ] || ln -s "${DOCKER_CONFIG:-$HOME/.docker}/contexts" "$run/docker/contexts" 2>/dev/null
}

client_configuration() {
  [ -z "$credential" ] || printf '%s' "${credential%\}}${context:+,\"currentContext\":\"$context\"}}"
}

call_pull() { # SECONDS ARGUMENT…
  local limit="$1" IFS="$newline"
  shift
  # shellcheck disable=SC2086 # words
  sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$run/pull.pid" $limiter "$limit" $docker_words "$@"
}

watch_pull() { # BEGIN IMAGE
  local said
  said=$(seconds)
  until [ -e "$run/pull.code" ]; do
    if is_cancelled; then
      kill "$(cat "$run/pull.pid")" 2>/dev/null
      fail cancelled 'cancelled during the pull'
      return
    fi
    # The pull did not report its end: it was killed, or its time limit could not stop it.
    if [ $(($(seconds) - $1)) -ge $((pull_timeout + 30)) ]; then
      kill "$(cat "$run/pull.pid")" 2>/dev/null
      fail pull-timeout "the pull of $2 did not finish within $pull_timeout s"
      return
    fi
    if [ $(($(seconds) - said)) -ge 10 ]; then
      said=$(seconds)
      say "  $(pull_progress), $((said - $1)) s"
    fi
    blink
  done
}

pull_progress() {
  local line layers=0 complete=0
  while read -r line; do
    case $line in
      *': Pulling fs layer' | *': Already exists') layers=$((layers + 1)) ;;
    esac
    case $line in *': Pull complete' | *': Already exists') complete=$((complete + 1)) ;; esac
  done <"$run/pull"
  echo "$complete of $layers layers"
}

# Returns the last line that docker printed, without the prefixes that add nothing.
last_pull_line() {
  local line
  line=$(tail -n 1 "$run/pull")
  line=${line#Error response from daemon: }
  case $line in *'": '*) line=${line##*'": '} ;; esac
  printf '%s\n' "$line"
}

pull_failed() { # IMAGE
  local said
  said="$1 could not be pulled: $(last_pull_line)"
  case $said in
    *'no space left'*) fail disk-full "$said" ;;
    *denied* | *[Uu]nauthorized* | *Forbidden* | *'no basic auth'* | *'authentication required'*) fail pull-denied "$said" ;;
    *'no matching manifest'*) fail platform-missing "$said" ;;
    *'manifest unknown'* | *'not found'*) fail image-missing "$said" ;;
    *) fail pull-failed "$said" ;;
  esac
}

is_refused() {
  local line
  while read -r line; do
    case $line in
      # A release from the history was pushed long ago, so it is not about to appear.
      *'manifest unknown'* | *'not found'*) [ -z "$rollback_to" ] || return 0 ;;
      *denied* | *[Uu]nauthorized* | *Forbidden* | *'no basic auth'* | *'authentication required'*) return 0 ;;
      *'no matching manifest'* | *'invalid reference'* | *'no space left'*) return 0 ;;
    esac
  done <"$run/pull"
  return 1
}
