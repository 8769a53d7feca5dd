# What the Compose project is. Needs answer.sh.
# Arguments: the project directory, `v1` or `v2`, the directory of the first file where files are given (else
# empty), and the words of a Compose call.

# The closest directory above that there is, and what is in it.
nearest() {
  path=$1
  until [ -d "$path" ]; do path=$(dirname -- "$path"); done
  say nearest "$(cd -- "$path" 2>/dev/null && pwd)"
  say nearby "$(ls -1 -- "$path" 2>/dev/null | head -n 20)"
}

# Compose looks for its files in this directory, then in those above.
files_above() {
  above=$(pwd)
  while :; do
    prefix=${above%/}
    set -- "$prefix/compose.yaml" "$prefix/compose.yml" "$prefix/docker-compose.yml" "$prefix/docker-compose.yaml"
    for file in "$@" "$prefix/compose.override.yaml" "$prefix/compose.override.yml" "$prefix/docker-compose.override.yml" "$prefix/docker-compose.override.yaml"; do
      [ -f "$file" ] && say file "$file"
    done
    for file in "$@"; do [ -f "$file" ] && return; done
    [ "$above" != / ] || return
    above=$(dirname -- "$above")
  done
}

# The variables that can decide an image, and where they come from. Of the environment the names alone, but for
# Compose's own.
variables() {
  say environment.names "$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p')"
  say environment.compose "$(env | grep -E '^COMPOSE_(FILE|PATH_SEPARATOR|PROJECT_NAME|PROFILES|ENV_FILES|DISABLE_ENV_FILE)=')"
  [ -f "$1/.env" ] && say env.file "$(cd -- "$1" && pwd)/.env" && tell env cat "$1/.env"
}

# configuration GENERATION WORD...: resolved, then as it was written.
configuration() {
  generation=$1
  shift
  case $generation in
    v2)
      tell config "$@" --profile '*' config --format json
      tell template "$@" --profile '*' config --no-interpolate --format json
      ;;
    *)
      tell config "$@" config
      tell template "$@" config --no-interpolate
      ;;
  esac
  tell hash "$@" config --hash '*'
}

project() {
  directory=$1 generation=$2 base=$3
  shift 3
  unset CDPATH
  if ! cd -- "$directory" 2>/dev/null; then
    [ -d "$directory" ] && say forbidden
    nearest "$directory"
    return
  fi
  say directory "$(pwd)"
  [ -w . ] && say writable
  say owner "$(ls -ld . | awk '{ print $3 ":" $4, $1 }')"
  say listing "$(ls -1 | head -n 20)"
  files_above
  variables "${base:-${above:-.}}"
  configuration "$generation" "$@"
}

answer project "$@"
