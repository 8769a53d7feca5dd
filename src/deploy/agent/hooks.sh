# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2015
# Commands before and after the switch to the new release: in a container or on the server. Each has a time limit and
# logs its output.

# Runs a command in the new image with the new files and settings, in an additional container of the service.
run_hook() { # STAGE NUMBER SERVICE ARGUMENT…
  local stage_name="$1" title="slipway-$id-$1$2" service="$3"
  shift 3
  step "$stage_name" "Run in a new container of $service: $*" || return
  # shellcheck disable=SC2046 # words
  compose_hook run --rm -T --no-deps $(run_pulls_nothing) --name "$title" "$@"
  [ "$hook_code" = 0 ] || docker rm -f "$title" >/dev/null 2>&1
  ended_hook "the command in $service" "$hook_code"
}

# Runs a command in a running container: of the previous release before the switch, of the new one after it.
exec_hook() { # STAGE NUMBER SERVICE ARGUMENT…
  local stage_name="$1" service="$3"
  shift 3
  if [ "$stage_name" = before ] && ! any_runs "$service"; then
    step before "Skip the command in $service: it is not running yet"
    return
  fi
  step "$stage_name" "Run in a running container of $service: $*" || return
  compose_hook exec -T "$@"
  ended_hook "the command in $service" "$hook_code"
}

any_runs() { # SERVICE
  local ids
  ids=$(containers_of "$1") && [ -n "$ids" ] || return 1
  case $(ask inspect --format '{{.State.Running}}' $ids) in *true*) ;; *) return 1 ;; esac
}

compose_hook() { # WORD…
  local code begin
  hook_code=1 begin=$(clock)
  rm -f "$run/hook.code"
  {
    code=0
    within "$hook_timeout" compose "$@" </dev/null 2>&1 || code=$?
    put "$run/hook.code" "$code" || { free_reserve; put "$run/hook.code" "$code"; }
  } | indented
  [ ! -e "$run/hook.code" ] || read -r hook_code <"$run/hook.code"
  ! at_limit "$hook_code" "$begin" "$hook_timeout" || hook_code=limit
}

# Overrides `pull_policy`, because the pinned image is the pushed one. Older versions of Compose do not have the option.
run_pulls_nothing() {
  case $(within 20 compose run --help 2>/dev/null) in *--pull*) echo --pull never ;; esac
}

# A background process that the command leaves behind must not hold the lock (descriptor 9) or the log.
host_hook() { # STAGE NUMBER LINE
  local code=0 begin
  step "$1" "Run on the server: $3" || return
  printf '%s\n' "$3" >"$run/hook" || return
  begin=$(clock)
  $limiter "$hook_timeout" sh "$run/hook" </dev/null >"$run/hook.log" 2>&1 9>&- || code=$?
  ! at_limit "$code" "$begin" "$hook_timeout" || code=limit
  indented <"$run/hook.log"
  rm -f "$run/hook" "$run/hook.log"
  ended_hook 'the command on the server' "$code"
}

ended_hook() { # WHAT CODE|limit
  case $2 in
    0) ;;
    137) fail command-failed "$1 was killed (exit code 137), perhaps because no memory was left" ;;
    limit) fail command-timeout "$1 did not finish within $hook_timeout s" ;;
    *) fail command-failed "$1 exited with code $2" ;;
  esac
}

# Removes containers of commands whose run was killed, for example because the host went down.
end_hooks() { # RUN-ID
  local ids
  ids=$(docker ps -aq --filter "name=slipway-$1-") && [ -z "$ids" ] || docker rm -f $ids >/dev/null 2>&1
}
