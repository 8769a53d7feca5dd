# What there is on this server. Needs answer.sh and leftovers.sh.
# shellcheck disable=SC2034 # answer.sh reads $limit: a dead engine is asked in several ways

# where NAME DIRECTORY...: each program of that name, on the PATH first.
where() (
  program=$1 seen=:
  shift
  IFS=:
  for directory in $PATH "$@"; do
    real=$(cd -P -- "$directory" 2>/dev/null && pwd) || continue # /bin often is /usr/bin
    case $seen in *":$real:"*) continue ;; esac
    seen=$seen$real:
    [ -f "$directory/$program" ] && [ -x "$directory/$program" ] && printf '%s\n' "$directory/$program"
  done
)

# A non-interactive login often has a short PATH.
clients() {
  where docker /usr/local/bin /usr/bin /snap/bin "$HOME/bin" "$HOME/.local/bin" /usr/local/sbin /opt/bin
}

# Compose's plugin does as a program too, where the client looks elsewhere for it.
composes() {
  where docker-compose /usr/local/bin /usr/bin /snap/bin "$HOME/bin" "$HOME/.local/bin" /usr/local/sbin /opt/bin \
    "$HOME/.docker/cli-plugins" /usr/local/lib/docker/cli-plugins /usr/local/libexec/docker/cli-plugins \
    /usr/lib/docker/cli-plugins /usr/libexec/docker/cli-plugins
}

# named PATH: its name alone where that means the same program.
named() {
  [ "$(command -v "${1##*/}")" = "$1" ] && printf '%s' "${1##*/}" || printf '%s' "$1"
}

login() {
  say user "$(id -un)"
  say uid "$(id -u)"
  # shellcheck disable=SC2046 # a group each
  say groups $(id -Gn)
  say home "$HOME"
  say shell "${SHELL:-}"
  # shellcheck disable=SC1091
  say os "$(. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-}")"
  for command in flock setsid nohup timeout; do
    command -v "$command" >/dev/null 2>&1 && say has "$command"
  done
}

# The fields that are needed, one by one: asked for everything, docker starts each of its plugins.
fields='{"version":{{json .ServerVersion}},"os":{{json .OSType}},"architecture":{{json .Architecture}},"root":{{json .DockerRootDir}},"driver":{{json .DriverStatus}},"swarm":{{json .Swarm.LocalNodeState}}}'

# reached WORD...: an engine answers to this client; `$engine` is what it says of itself.
reached() {
  engine=$(limited "$@" info --format "$fields" 2>/dev/null)
  case $engine in '{"version":"'[0-9]*) return 0 ;; *) return 1 ;; esac
}

# Rootless engines are found by a variable that rc files set, or by a context; this is where they listen.
sockets() {
  for socket in "${XDG_RUNTIME_DIR:-}/docker.sock" "/run/user/$(id -u)/docker.sock" "$HOME/.docker/run/docker.sock" "$HOME/.docker/desktop/docker.sock"; do
    [ -S "$socket" ] && printf '%s\n' "$socket"
  done
}

# try CLIENT: how this client may reach an engine, the first that does; then all that depends on it.
try() {
  client=$(named "$1")
  reached "$client" && found "$1" "$client" && return 0
  for socket in $(sockets); do
    reached "$client" -H "unix://$socket" && found "$1" "$client" -H "unix://$socket" && return 0
  done
  command -v sudo >/dev/null 2>&1 && reached sudo -n "$1" && found "$1" sudo -n "$1"
}

# found CLIENT WORD...
found() {
  shift
  say docker "$@"
  say engine "$engine"
  root=$(printf '%s' "$engine" | sed 's/.*"root":"\([^"]*\)".*/\1/')
  say free "$(free_at "$root")" "$(free_at /var/lib/containerd)"
  say endpoint "$(limited "$@" context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)" </dev/null | {
    { plugin "$@" || standalone "$@"; } </dev/null
    cat
  }
  return 0
}

# Kilobytes free.
free_at() {
  [ ! -d "$1" ] || df -Pk "$1" 2>/dev/null | {
    read -r _
    read -r _ _ _ free _ && printf '%s' "$free"
  }
}

plugin() {
  version=$(limited "$@" compose version --short 2>/dev/null)
  slow $? "$@" compose
  case $version in v[0-9]* | [0-9]*) ;; *) return 1 ;; esac
  say compose "$@" compose
  say compose.version "$version"
}

# slow CODE WORD...: it is there, and did not come to its answer.
slow() {
  [ "$1" != 124 ] || { shift && say compose.slow "$*"; }
}

# Every one until the first v2: the name does not tell, and v1 takes its time.
standalone() {
  for program in $(composes); do
    case $1 in
      sudo) set -- sudo -n "$program" ;;
      *) name=$(named "$program") && shift && set -- "$name" "$@" ;;
    esac
    version=$(limited "$@" version --short 2>/dev/null)
    slow $? "$@"
    case $version in v[0-9]* | [0-9]*) ;; *) say compose.refused "$*" && continue ;; esac
    say compose "$@"
    say compose.version "$version"
    case $version in v1.* | 1.*) ;; *) return 0 ;; esac
  done
}

# Nobody could reach an engine: what each way says. One that hangs is known by now.
missing() {
  limit=3
  client=$(clients | head -n 1)
  [ -n "$client" ] || return 0
  say client "$client" "$("$client" --version 2>/dev/null)"
  tell direct "$client" version --format '{{.Server.Version}}'
  tell sudo sudo -n "$client" version --format '{{.Server.Version}}'
}

probe() {
  limit=20
  login
  leftovers
  for candidate in $(clients); do
    try "$candidate" && return 0
  done
  missing
}

answer probe
