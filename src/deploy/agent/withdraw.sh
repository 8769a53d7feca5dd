# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016
# Withdraws containers from a proxy, and returns them to it. By default, firewall rules in the network of a container
# first refuse its healthcheck, so that Docker reports it as unhealthy, and then everybody. `withdraw` can be a command
# instead.

# Tells the proxy that containers are about to stop, while they still answer.
withdraw_containers() { # ID…
  local container healthy
  case $withdraw in
    none) return 0 ;;
    command)
      healthy=$(healthy_of "$@")
      for container in "$@"; do
        run_withdraw_command "$container" ||
          { log_error; fail command-failed "the \`withdraw\` command failed in $(title_of "$container")"; return; }
      done
      for container in $healthy; do
        await_health unhealthy "$container" || say '  Docker does not report the container as unhealthy after the `withdraw` command. A proxy that relies on container health will notice only when it stops.'
      done
      [ -z "$healthy" ] || sleep "$proxies_drop"
      return 0
      ;;
  esac
  healthy=$(healthy_of "$@")
  for container in $healthy; do
    in_network_of "$container" "$(refuse_script lo "$(probed_ports "$container")")" || { log_error; fail rules-not-set "no firewall rule could be set in the network of $(title_of "$container")"; return; }
  done
  if [ -n "$healthy" ]; then
    for container in $healthy; do
      await_health unhealthy "$container" || say "  Docker does not report the container as unhealthy: its healthcheck uses none of the service's ports. A proxy that relies on container health will notice only when it stops; \`withdraw\` can be a command instead."
    done
    sleep "$proxies_drop"
  fi
  # A proxy that resolves names gets a refused connection, which it can retry elsewhere, and not a broken one.
  for container in "$@"; do
    case $(ask inspect --format '{{.State.Running}}' "$container") in true) ;; *) continue ;; esac
    in_network_of "$container" "$(refuse_script others '')" || { log_error; fail rules-not-set "no firewall rule could be set in the network of $(title_of "$container")"; return; }
  done
}

# Separates the words of the command.
unit=$(printf '\037')

run_withdraw_command() { # ID
  local IFS="$unit"
  within "$hook_timeout" docker exec "$1" $withdraw_words </dev/null >"$run/error" 2>&1
}

health_of() { ask inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' "$1"; } # ID

# Prints the healthy ones. Others have no health that could change.
healthy_of() { # ID…
  local container
  for container in "$@"; do
    [ "$(health_of "$container")" != healthy ] || echo "$container"
  done
}

title_of() { ask inspect --format '{{slice .Name 1}}' "$1" || printf '%s\n' "$1"; } # ID

in_network_of() { with_host_tools "container:$1" "$2" >"$run/error" 2>&1; } # ID SCRIPT

# Prints all numbers in the healthcheck command. Those that are ports of the container are the ones that it probes.
probed_ports() { # ID
  ask inspect --format '{{join .Config.Healthcheck.Test " "}}' "$1" | tr -c '0-9' ' '
}

# Prints a script that refuses new connections to the listening ports: from the container itself (its healthcheck) or
# others.
refuse_script() { # lo|others NUMBERS
  printf 'project=%s from=%s asked=" %s "\n%s\n' "$project" "$1" "$2" "$refuse_functions"
}
refuse_functions='
offered() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r number socket remote status rest; do
    case $status:$socket in
      0A:??????7F:* | 0A:00000000000000000000000001000000:* | 0A:0000000000000000FFFF0000??????7F:*) ;;
      0A:*:*[!0-9A-F]*) ;;
      0A:*:????) printf "%d\n" "0x${socket##*:}" ;;
    esac
  done | sort -u
}
ports=$(offered)
some=
for port in $ports; do
  case $asked in *" $port "*) some="$some $port" ;; esac
done
case $from in lo) from="-i lo" ;; *) from="! -i lo" some= ;; esac
for port in ${some:-$ports}; do
  for tool in iptables ip6tables; do
    "$tool" -w 5 -I INPUT $from -p tcp --syn --dport "$port" -m comment --comment "slipway:$project" -j REJECT --reject-with tcp-reset || [ "$tool" = ip6tables ] || exit 1
  done
done
'

accept_script() {
  printf '%s\n' 'for tool in iptables ip6tables; do' \
    "  \"\$tool\" -w 5 -S INPUT 2>/dev/null | grep -e '--comment \"\\{0,1\\}slipway:$project\"\\{0,1\\} ' |" \
    '    sed -n "s/^-A /$tool -w 5 -D /p" | sh -e || exit 1' \
    'done'
}

# Waits as long as the healthcheck needs to change the state. A stopped container counts as unhealthy at once.
await_health() { # healthy|unhealthy ID
  local begin limit
  begin=$(clock) limit=$(health_limit "$2")
  until [ "$(health_of "$2")" = "$1" ]; do
    case "$1 $(ask inspect --format '{{.State.Running}}' "$2")" in 'unhealthy false') return 0 ;; esac
    ! past "$begin" "$limit" || return
    nap
  done
}

# Returns seconds. Nanoseconds have too many digits for shell arithmetic; 0 stands for the engine's default.
health_limit() { # ID
  local interval timeout retries
  read -r interval timeout retries <<LINE
$(ask inspect --format '{{with .Config.Healthcheck}}{{printf "%d" .Interval}} {{printf "%d" .Timeout}} {{.Retries}}{{end}}' "$1")
LINE
  interval=${interval%?????????} timeout=${timeout%?????????}
  case $interval in 0 | '') interval=30 ;; esac
  case $timeout in 0 | '') timeout=30 ;; esac
  case $retries in 0 | '') retries=3 ;; esac
  if is_number "$interval" && is_number "$timeout" && is_number "$retries"; then
    echo $(((interval + timeout + 2) * retries + 15))
  else
    echo 120
  fi
}

# Makes containers accept all requests again: removes the rules, and starts those that were stopped. Waits for those
# that were healthy before they were withdrawn.
return_to_proxy() { # ID…
  local container
  for container in "$@"; do
    if [ -e "$record/beside/withdrawn" ] && [ "$withdraw" = command ]; then
      within "$(up_limit "$record")" docker restart "$container" >/dev/null 2>&1
    else
      # A stopped container has no rules: its network is created again when it starts.
      in_network_of "$container" "$(accept_script)" || :
    fi
    ask start "$container" >/dev/null || { log_error; return; }
  done
  [ -e "$record/beside/withdrawn" ] || return 0
  while read -r container <&5; do
    [ -z "$container" ] || await_health healthy "$container" || say '  An old container is not healthy again yet.'
  done 5<"$record/beside/withdrawn"
}
