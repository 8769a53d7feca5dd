# What the Compose project is. Needs answer.sh.
# Arguments: the project directory, `v1` or `v2`, the directory of the first file where files are given (else
# empty), and the words of a Compose call.

# The closest directory above that there is, and the directories in it.
nearest() {
  path=$1
  until [ -d "$path" ]; do path=$(dirname -- "$path"); done
  cd -- "$path" 2>/dev/null || return
  say nearest "$(pwd)"
  say nearby "$(for entry in */; do [ ! -d "$entry" ] || printf '%s\n' "$entry"; done | head -n 20)"
}

# Compose looks for its files in this directory, then in those above; `$base` is where it found them.
files_above() {
  above=$(pwd)
  until found_in "${above%/}"; do
    [ "$above" != / ] || return
    above=$(dirname -- "$above")
  done
  base=$above
}

found_in() {
  set -- "$1/compose.yaml" "$1/compose.yml" "$1/docker-compose.yml" "$1/docker-compose.yaml" \
    "$1/compose.override.yaml" "$1/compose.override.yml" "$1/docker-compose.override.yml" "$1/docker-compose.override.yaml"
  for file in "$@"; do
    [ ! -f "$file" ] || say file "$file"
  done
  [ -f "$1" ] || [ -f "$2" ] || [ -f "$3" ] || [ -f "$4" ]
}

# The variables that can decide an image, and where they come from. Of the environment the names alone, but for
# Compose's own.
variables() { # DIRECTORY WORD…
  say environment.names "$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p')"
  say environment.compose "$(env | grep -E '^(COMPOSE_(FILE|PATH_SEPARATOR|PROJECT_NAME|PROFILES|ENV_FILES|DISABLE_ENV_FILE)|DOCKER_DEFAULT_PLATFORM)=')"
  case " $* " in
    *' --env-file '*) env_files "$@" ;;
    *) [ -f "$1/.env" ] && say env.file "$(cd -- "$1" && pwd)/.env" && tell env cat "$1/.env" ;;
  esac
}

# Those that Compose is given in the place of `.env`, in their order.
env_files() { # WORD…
  before=
  for word in "$@"; do
    if [ "$before" = --env-file ]; then
      case $word in /*) env_file "$word" ;; *) env_file "$(pwd)/$word" ;; esac
    fi
    before=$word
  done
}

env_file() { [ ! -f "$1" ] || { say env.file "$1" && tell env cat "$1"; }; } # PATH

# configuration GENERATION WORD...: resolved, then as it was written.
configuration() {
  generation=$1
  shift
  case $generation in
    v2)
      tell hash "$@" --profile '*' config --hash '*' </dev/null | {
        { written "$@" --profile '*' config --no-interpolate --format json || raw_files "$@"; } </dev/null | {
          tell config "$@" --profile '*' config --format json </dev/null
          cat
        }
        cat
      }
      ;;
    *)
      { written "$@" config --no-interpolate || raw_files "$@"; } </dev/null | {
        tell config "$@" config </dev/null
        cat
      }
      ;;
  esac
}

written() {
  template=$(limited "$@" 2>/dev/null) && say template "$template"
}

# v1 wants a number where a variable stands for one, and refuses; then the files themselves have to do.
raw_files() {
  before=
  for word in "$@"; do
    case $before$word in
      -f/*) say "raw.$word" "$(cat "$word")" ;;
      -f*) say "raw.$(pwd)/$word" "$(cat "$word")" ;;
    esac
    before=
    [ "$word" != -f ] || before=-f
  done
  for file in "$base"/*compose*.y*ml; do
    [ ! -f "$file" ] || say "raw.$file" "$(cat "$file")"
  done
}

# What may be a compose file of the project.
candidates() { # WORD…
  before=
  for word in "$@"; do
    case $before$word in
      -f/*) printf '%s\n' "$word" ;;
      -f*) printf '%s\n' "$(pwd)/$word" ;;
    esac
    before=
    [ "$word" != -f ] || before=-f
  done
  printf '%s\n' "$base"/*compose*.y*ml
  { printf '%s\n' "${COMPOSE_FILE-}"; sed -n 's/^COMPOSE_FILE=//p' "$base/.env" 2>/dev/null; } | tr -d "\"'\r" | tr : '\n' |
    while read -r name; do
      case $name in '') ;; /*) printf '%s\n' "$name" ;; *) printf '%s\n' "$(pwd)/$name" ;; esac
    done
}

# The compose files that name other files, and those of the files that they name: what belongs to the project is read
# out of them.
texts() { # FILE…
  for file in "$@"; do
    case $seen in *":$file:"*) continue ;; esac
    seen=$seen$file:
    [ "${#seen}" -lt 20000 ] && [ -f "$file" ] && [ -r "$file" ] && [ "$(wc -c <"$file")" -le 262144 ] || continue
    grep -qE 'include|extends|env_file' "$file" || continue
    say "text.$file" "$(cat "$file")"
    # shellcheck disable=SC2046 # a name each
    texts $(named_in "$file")
  done
}

named_in() { # FILE
  sed 's/#.*//' "$1" | tr -c 'A-Za-z0-9_./@+=-' '\n' | grep -E '\.ya?ml$' | sort -u | while read -r name; do
    case $name in /*) ;; *) name=${1%/*}/$name ;; esac
    above=$(cd -- "$(dirname -- "$name")" 2>/dev/null && pwd) && printf '%s\n' "${above%/}/${name##*/}"
  done
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
  say listing "$(for entry in *; do [ ! -e "$entry" ] || printf '%s\n' "$entry"; done | head -n 20)"
  given=$base
  files_above
  base=${given:-${base:-.}}
  [ ! -w "$base" ] || say writable
  variables "$base" "$@"
  configuration "$generation" "$@"
  seen=:
  # shellcheck disable=SC2046 # a name each
  texts $(candidates "$@")
}

answer project "$@"
