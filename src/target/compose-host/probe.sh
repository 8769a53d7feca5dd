# Reports the login, docker and Compose of this server. Needs answer.sh and leftovers.sh.
# shellcheck disable=SC2034 # answer.sh reads $limit, which is short, as a dead engine is tried in several ways

# Prints the path of each program of that name, those in PATH first.
find_programs() ( # NAME DIRECTORY…
  program=$1 seen=:
  shift
  IFS=:
  for directory in $PATH "$@"; do
    real=$(cd -P -- "$directory" 2>/dev/null && pwd) || continue # /bin is often a link to /usr/bin
    case $seen in *":$real:"*) continue ;; esac
    seen=$seen$real:
    [ -f "$directory/$program" ] && [ -x "$directory/$program" ] && printf '%s\n' "$directory/$program"
  done
)

# The PATH of a non-interactive login is often short, so this looks in the usual directories too.
docker_clients() {
  find_programs docker /usr/local/bin /usr/bin /snap/bin "$HOME/bin" "$HOME/.local/bin" /usr/local/sbin /opt/bin
}

# The Compose plugin also runs as a program of its own. That finds a plugin in a directory that the client does not
# search.
compose_programs() {
  find_programs docker-compose /usr/local/bin /usr/bin /snap/bin "$HOME/bin" "$HOME/.local/bin" /usr/local/sbin /opt/bin \
    "$HOME/.docker/cli-plugins" /usr/local/lib/docker/cli-plugins /usr/local/libexec/docker/cli-plugins \
    /usr/lib/docker/cli-plugins /usr/libexec/docker/cli-plugins
}

# Prints the bare name of the program if PATH resolves it to the same file, else its path.
short_name() { # PATH
  [ "$(command -v "${1##*/}")" = "$1" ] && printf '%s' "${1##*/}" || printf '%s' "$1"
}

report_login() {
  say user "$(id -un)"
  say uid "$(id -u)"
  # shellcheck disable=SC2046 # one word for each group
  say groups $(id -Gn)
  say home "$HOME"
  say shell "${SHELL:-}"
  # shellcheck disable=SC1091
  say os "$(. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-}")"
  for command in flock setsid nohup timeout; do
    command -v "$command" >/dev/null 2>&1 && say has "$command"
  done
}

# Only the needed fields: to print everything, `docker info` starts each of its plugins.
fields='{"version":{{json .ServerVersion}},"os":{{json .OSType}},"architecture":{{json .Architecture}},"root":{{json .DockerRootDir}},"driver":{{json .DriverStatus}},"swarm":{{json .Swarm.LocalNodeState}}}'

# Reports whether an engine answers this client, and sets `engine` to its answer.
reaches_engine() { # WORD…
  engine=$(limited "$@" info --format "$fields" 2>/dev/null)
  case $engine in '{"version":"'[0-9]*) return 0 ;; *) return 1 ;; esac
}

# A client finds a rootless engine by a variable that rc files set, or by a context. Without either, these are the
# sockets that such an engine listens on.
rootless_sockets() {
  for socket in "${XDG_RUNTIME_DIR:-}/docker.sock" "/run/user/$(id -u)/docker.sock" "$HOME/.docker/run/docker.sock" "$HOME/.docker/desktop/docker.sock"; do
    [ -S "$socket" ] && printf '%s\n' "$socket"
  done
}

# Finds the first way in which this client reaches an engine, and reports it with all that depends on it.
try_client() { # CLIENT
  client=$(short_name "$1")
  reaches_engine "$client" && report_docker "$1" "$client" && return 0
  for socket in $(rootless_sockets); do
    reaches_engine "$client" -H "unix://$socket" && report_docker "$1" "$client" -H "unix://$socket" && return 0
  done
  command -v sudo >/dev/null 2>&1 && reaches_engine sudo -n "$1" && report_docker "$1" sudo -n "$1"
}

report_docker() { # CLIENT WORD…
  shift
  say docker "$@"
  say engine "$engine"
  root=$(printf '%s' "$engine" | sed 's/.*"root":"\([^"]*\)".*/\1/')
  say free "$(free_kilobytes "$root")" "$(free_kilobytes /var/lib/containerd)"
  say endpoint "$(limited "$@" context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)" </dev/null | {
    { report_plugin "$@" || report_standalone "$@"; } </dev/null
    cat
  }
  return 0
}

free_kilobytes() { # DIRECTORY
  [ ! -d "$1" ] || df -Pk "$1" 2>/dev/null | {
    read -r _
    read -r _ _ _ free _ && printf '%s' "$free"
  }
}

report_plugin() {
  version=$(limited "$@" compose version --short 2>/dev/null)
  report_if_slow $? "$@" compose
  case $version in v[0-9]* | [0-9]*) ;; *) return 1 ;; esac
  say compose "$@" compose
  say compose.version "$version"
}

# Reports a program that exists but timed out: timeout(1) exits with 124.
report_if_slow() { # CODE WORD…
  [ "$1" != 124 ] || { shift && say compose.slow "$*"; }
}

# Tries each program until the first v2, as the name does not show the version. v1 takes its time.
report_standalone() {
  for program in $(compose_programs); do
    case $1 in
      sudo) set -- sudo -n "$program" ;;
      *) name=$(short_name "$program") && shift && set -- "$name" "$@" ;;
    esac
    version=$(limited "$@" version --short 2>/dev/null)
    report_if_slow $? "$@"
    case $version in v[0-9]* | [0-9]*) ;; *) say compose.refused "$*" && continue ;; esac
    say compose "$@"
    say compose.version "$version"
    case $version in v1.* | 1.*) ;; *) return 0 ;; esac
  done
}

# Reports the error of each way to reach an engine when none works. The limit is short, as the attempts above have
# already waited for an engine that hangs.
report_unreachable() {
  limit=3
  client=$(docker_clients | head -n 1)
  [ -n "$client" ] || return 0
  say client "$client" "$("$client" --version 2>/dev/null)"
  capture direct "$client" version --format '{{.Server.Version}}'
  capture sudo sudo -n "$client" version --format '{{.Server.Version}}'
}

probe() {
  limit=20
  report_login
  report_leftover_policy
  for candidate in $(docker_clients); do
    try_client "$candidate" && return 0
  done
  report_unreachable
}

answer probe
