# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# The state of the containers of each service at one moment, for the gate.

# Looks once. Sets $look to steady, warming (all containers run, but some are not healthy yet), waiting or failed; $why
# to the reason; and $key to a value that changes with every start of a container.
observe() {
  look=steady why='' why_code='' key='' restarts=0
  snapshot && each_service observe_service
}

observe_service() {
  local container title status image restarted hash exit_code started health failing rest found=0
  is_gated || return 0
  # A rollback does not start services that did not run before, nor one-shots.
  if [ "$which" = old ] && { [ "$ran" = 0 ] || [ "$kind" = one-shot ]; }; then return 0; fi
  while read -r container title status image restarted hash exit_code started health failing rest; do
    [ -n "$container" ] || continue
    found=$((found + 1))
    key="$key $container $started $restarted"
    is_number "$restarted" || restarted=0
    restarted=$((restarted - $(restarts_before "$container")))
    [ "$restarted" -le "$restarts" ] || restarts=$restarted
    judge
  done <<LINES
$(in_snapshot "$name")
LINES
  [ "$found" != 0 ] || waits no-container "$name has no container"
}

judge() {
  [ "$exit_code" = 0 ] || ended_with=$exit_code
  if [ "$restarted" -ge 3 ]; then
    fails crash-loop "$name restarted $restarted times$(with_code)"
    return 0
  fi
  case "$status $health" in
    'running none' | 'running healthy') ;;
    'running unhealthy') lacks_probe || waits unhealthy "$name is not healthy" ;;
    running*) lacks_probe || warms starting "$name is not healthy yet" ;;
    restarting*) waits crash-loop "$name does not stay up$(with_code)" ;;
    exited* | dead*)
      if [ "$kind" = one-shot ] && [ "$exit_code" = 0 ]; then return; fi
      # A stop that an interrupted run had requested may still reach a restored container.
      if [ "$which" = old ]; then
        waits exited "$name exited with code $exit_code"
        by_hand=$((by_hand + 1))
        [ "$by_hand" -ge 3 ] || docker start "$container" >/dev/null 2>&1
      else
        fails exited "$name exited with code $exit_code"
      fi
      ;;
    *) waits not-running "$name is $status" ;;
  esac
}

# The exit code of the last exit seen: docker reports 0 while a container runs.
with_code() { [ "$ended_with" = 0 ] || echo " (exit code $ended_with)"; }

warms() { [ "$look" != steady ] || look=warming why_code=$1 why=$2; } # CODE TEXT

waits() { [ "$look" = failed ] || look=waiting why_code=$1 why=$2; } # CODE TEXT

fails() { look=failed why_code=$1 why=$2; } # CODE TEXT

# A healthcheck whose command is missing in the image can never pass, so there is no point in waiting.
lacks_probe() {
  local lacking
  [ "$failing" != 0 ] && lacking=$(missing_probe "$container") || return
  fails healthcheck-missing "the healthcheck of $name runs \`$lacking\`, which is not in its image"
}

# Prints the missing command of a healthcheck. The engine reports it as `exec: "curl": executable file not found in
# $PATH`, a shell as `sh: curl: not found`, with exit code 127 or, after `|| exit 1`, with another one.
missing_probe() { # ID
  local code='' said='' probe='' quote='\"' line='\n'
  {
    read -r probe
    read -r code said
  } <<LINES
$(ask inspect --format '{{join .Config.Healthcheck.Test " "}}{{println}}{{range .State.Health.Log}}{{if .ExitCode}}{{.ExitCode}} {{printf "%.400q" .Output}}{{println}}{{end}}{{end}}' "$1")
LINES
  said=${said#\"} said=${said%\"}
  case $said in
    *"exec: $quote"*"$quote: executable file not found"* | *"exec: $quote"*"$quote: stat "*': no such file or directory'*)
      said=${said#*"exec: $quote"}
      printf '%s\n' "${said%%"$quote"*}"
      return
      ;;
  esac
  said=${said%"$line"}
  [ "$code" = 127 ] || ends_with_code "$probe" || return
  case $said in *"$line"*) [ "$code" = 127 ] || return ;; esac
  said=${said##*"$line"}
  case $said in *sh:*': not found' | *sh:*': command not found') ;; *) return 1 ;; esac
  said=${said%: not found} said=${said%: command not found}
  printf '%s\n' "${said##*: }"
}

# Returns whether a healthcheck is a single command followed by `|| exit N` or `|| false`.
ends_with_code() { # TEXT
  case $1 in *'||'*'||'*) return 1 ;; *'|| exit '[0-9] | *'|| false') ;; *) return 1 ;; esac
  case ${1%%'||'*} in *[\;\&\|]*) return 1 ;; esac
}

# A container that this deploy did not touch keeps its earlier restart count.
restarts_before() { # ID
  local service container title status image restarted rest
  while read -r service container title status image restarted rest; do
    if [ "$container" = "$1" ] && is_number "$restarted"; then echo "$restarted"; return; fi
  done <"$record/containers"
  echo 0
}
