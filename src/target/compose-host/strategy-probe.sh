# Reports whether `relay` and `start-first` are possible on this server. Needs answer.sh and host-tools.sh.
# Arguments: the project, the services for relay and those for start-first (comma-separated), `rules` if firewall rules
# withdraw the latter, and the words of a docker call.

strategy_probe() {
  project=$1 relayed=$2 started_first=$3 rules=$4
  shift 4
  image='' published='' engine_ports='' inside=''
  for service in $(echo "$relayed,$started_first" | tr , ' '); do
    for container in $(limited "$@" ps -q --no-trunc --filter "label=com.docker.compose.project=$project" \
      --filter "label=com.docker.compose.service=$service" --filter label=com.docker.compose.oneoff=False); do
      say "mounts.$service" "$(limited "$@" inspect --format '{{range .Mounts}}{{if .RW}}{{println .Type .Name .Destination}}{{end}}{{end}}' "$container")"
      image=${image:-$(limited "$@" inspect --format '{{.Image}}' "$container")}
      case ,$started_first, in
        *,"$service",*) inside=${inside:-$container} ;;
        *)
          ports=$(limited "$@" port "$container")
          published="$published $ports"
          # The ports and rules of a container that crashes again and again come and go.
          case $(limited "$@" inspect --format "$running_ports" "$container") in
            '0 '*': '*[1-9]*) engine_ports="$engine_ports $(printf '%s\n' "$ports" | ports_outside | sort -u | tr '\n' ' ')" ;;
            *' '[1-9]*': '*[1-9]*) ;;
            *' '[1-9]*': '*) say "unpublished.$service" ;;
          esac
          ;;
      esac
    done
  done
  [ -n "$image" ] || return 0
  # shellcheck disable=SC2046 # words
  [ -z "$inside" ] || [ -z "$rules" ] ||
    capture inside "$@" $(host_tools "container:$inside") "$image" -c "$(unused_port_rule)"
  [ -n "$relayed" ] || return 0
  say security "$(limited "$@" info --format '{{json .SecurityOptions}}' 2>/dev/null)"
  say components "$(limited "$@" version --format '{{range .Server.Components}}{{println .Name}}{{end}}' 2>/dev/null)"
  # Engines before 28 do not have this field.
  say backend "$(limited "$@" info --format '{{.FirewallBackend.Driver}}' 2>/dev/null)"
  # The brackets keep grep from matching its own command line.
  if grep -q '[d]ocker-proxy' /proc/[0-9]*/cmdline 2>/dev/null; then say proxy; fi
  say probed
  # shellcheck disable=SC2046 # words
  capture rule "$@" $(host_tools host) "$image" -c "$(expired_rule iptables "$engine_ports")"
  # shellcheck disable=SC2046 # words
  case $published in *'-> ['* | *:::*) capture rule6 "$@" $(host_tools host) "$image" -c "$(expired_rule ip6tables)" ;; esac
}

# Prints a script that adds an expired rule of the kind that a relay uses, deletes it, and lists the chains with such
# rules, which the relay does to remove them. Then looks for the engine's own rules of these ports. The script prints a
# word for each part that succeeded.
expired_rule() { # iptables|ip6tables PORTS
  rule="OUTPUT -p tcp -m addrtype --dst-type LOCAL --dport 9 -m time --datestop 2000-01-01T00:00:00 -m comment --comment slipway:$project -j REDIRECT --to-ports 9"
  printf '%s\n' "command -v $1 >/dev/null || { echo 'there is no $1 on the server' >&2; exit 1; }" \
    "$1 -w 5 -t nat -I $rule && $1 -w 5 -t nat -D $rule || exit" 'echo set' \
    "for chain in PREROUTING OUTPUT; do $1 -w 5 -t nat -S \$chain >/dev/null || exit; done" 'echo listed' \
    "for port in ${2:-}; do case \$($1 -w 5 -t nat -S DOCKER 2>/dev/null) in *\"--dport \$port \"*) ;; *) exit 1 ;; esac; done"
}

# `RESTARTS DECLARED-PORTS: PORT…` of a container that runs. A network that publishes nothing leaves out the ports.
running_ports='{{if and .State.Running (not .State.Restarting)}}{{.RestartCount}} {{len .HostConfig.PortBindings}}: {{range .NetworkSettings.Ports}}{{range .}}{{.HostPort}} {{end}}{{end}}{{end}}'

# Reads lines of `docker port`. Prints the TCP ports that a relay diverts from outside over IPv4.
ports_outside() { sed -n -e '/-> 127\./d' -e 's|^[0-9]*/tcp -> [0-9.]*:\([0-9]*\)$|\1|p'; }

# Prints a script that adds a rule of the kind that withdraws a container, in its own network, and deletes it at once.
# It blocks port 9 (discard), which nobody uses.
unused_port_rule() {
  rule="INPUT -i lo -p tcp --syn --dport 9 -m comment --comment slipway:$project -j REJECT --reject-with tcp-reset"
  printf '%s\n' "command -v iptables >/dev/null || { echo 'there is no iptables on the server' >&2; exit 1; }" \
    "iptables -w 5 -I $rule && iptables -w 5 -D $rule"
}

answer strategy_probe "$@"
