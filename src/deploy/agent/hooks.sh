# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2015
# Commands around the switch: in the new image, or on the server. Each has a time limit, and its output is in the log.

unit=$(printf '\037')

run_before() { run_hooks before "$hooks_before"; }

run_after() { run_hooks after "$hooks_after"; }

run_hooks() { # before|after LINES
  local kind words number=0
  while read -r kind words <&4; do
    [ -n "$kind" ] || continue
    number=$((number + 1))
    "${kind}_hook" "$1" "$number" "$words" || return
  done 4<<LINES
$2
LINES
}

# What stands in the new image, with the new files and settings, and as one more container of the service.
run_hook() { # before|after NUMBER SERVICE␟WORD…
  local stage_name="$1" title="slipway-$id-$1$2" code=1 IFS="$unit"
  set -- $3
  IFS=' '
  step "$stage_name" "Run in $1: $(shift; echo "$*")" || return
  unset IFS
  rm -f "$run/hook.code"
  # shellcheck disable=SC2046 # words
  {
    code=0
    within "$hook_timeout" compose run --rm -T --no-deps $(run_pulls_nothing) --name "$title" "$@" </dev/null 2>&1 || code=$?
    put "$run/hook.code" "$code" || { make_room; put "$run/hook.code" "$code"; }
  } | indented
  [ ! -e "$run/hook.code" ] || read -r code <"$run/hook.code"
  [ "$code" = 0 ] || docker rm -f "$title" >/dev/null 2>&1
  ended_hook "the command in $1" "$code"
}

# Whatever `pull_policy` says: what is pinned here is what was pushed. Older versions of Compose have no such option.
run_pulls_nothing() {
  case $(within 20 compose run --help 2>/dev/null) in *--pull*) echo --pull never ;; esac
}

# What it starts and leaves behind must not hold the lock, nor our log.
host_hook() { # before|after NUMBER LINE
  local code=0
  step "$1" "Run on the server: $3" || return
  printf '%s\n' "$3" >"$run/hook" || return
  $limiter "$hook_timeout" sh "$run/hook" </dev/null >"$run/hook.log" 2>&1 9>&- || code=$?
  indented <"$run/hook.log"
  rm -f "$run/hook" "$run/hook.log"
  ended_hook 'the command on the server' "$code"
}

ended_hook() { # WHAT CODE
  case $2 in
    0) ;;
    # Some versions of timeout(1) tell of the signal that they sent.
    124 | 137 | 143) fail command-timeout "$1 did not end within $hook_timeout s" ;;
    *) fail command-failed "$1 ended with exit code $2" ;;
  esac
}

# Containers of commands whose run was killed: the host may have gone down with it.
end_hooks() { # RUN-ID
  local ids
  ids=$(docker ps -aq --filter "name=slipway-$1-") && [ -z "$ids" ] || docker rm -f $ids >/dev/null 2>&1
}
