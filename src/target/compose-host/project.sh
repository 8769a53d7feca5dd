# Reports the Compose project: its directory, files, variables and configuration. Needs answer.sh.
# Arguments: the project directory, `v1` or `v2`, the directory of the first file of `compose-files` (empty without
# one), and the words of a Compose call.

# Reports the closest parent directory that exists, and the directories in it.
report_nearest() { # PATH
  path=$1
  until [ -d "$path" ]; do path=$(dirname -- "$path"); done
  cd -- "$path" 2>/dev/null || return
  say nearest "$(pwd)"
  say nearby "$(for entry in */; do [ ! -d "$entry" ] || printf '%s\n' "$entry"; done | head -n 20)"
}

# Finds the compose files as Compose does, in this directory or the closest one above, and sets `base` to their
# directory.
find_compose_files() {
  above=$(pwd)
  until report_compose_files "${above%/}"; do
    [ "$above" != / ] || return
    above=$(dirname -- "$above")
  done
  base=$above
}

report_compose_files() { # DIRECTORY
  set -- "$1/compose.yaml" "$1/compose.yml" "$1/docker-compose.yml" "$1/docker-compose.yaml" \
    "$1/compose.override.yaml" "$1/compose.override.yml" "$1/docker-compose.override.yml" "$1/docker-compose.override.yaml"
  for file in "$@"; do
    [ ! -f "$file" ] || say file "$file"
  done
  [ -f "$1" ] || [ -f "$2" ] || [ -f "$3" ] || [ -f "$4" ]
}

# Reports the variables that can be part of an image reference. Of the environment it prints only names, except for
# Compose's own variables.
report_variables() { # DIRECTORY WORD…
  say environment.names "$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p')"
  say environment.compose "$(env | grep -E '^(COMPOSE_(FILE|PATH_SEPARATOR|PROJECT_NAME|PROFILES|ENV_FILES|DISABLE_ENV_FILE)|DOCKER_DEFAULT_PLATFORM)=')"
  case " $* " in
    *' --env-file '*) report_env_files "$@" ;;
    *) [ -f "$1/.env" ] && say env.file "$(cd -- "$1" && pwd)/.env" && capture env cat "$1/.env" ;;
  esac
}

# Reports the env files that `--env-file` names in the place of `.env`, in their order.
report_env_files() { # WORD…
  before=
  for word in "$@"; do
    if [ "$before" = --env-file ]; then
      case $word in /*) report_env_file "$word" ;; *) report_env_file "$(pwd)/$word" ;; esac
    fi
    before=$word
  done
}

report_env_file() { [ ! -f "$1" ] || { say env.file "$1" && capture env cat "$1"; }; } # PATH

# Reports the configuration with variables resolved, and before interpolation.
report_configuration() { # v1|v2 WORD…
  generation=$1
  shift
  case $generation in
    v2)
      capture hash "$@" --profile '*' config --hash '*' </dev/null | {
        { report_template "$@" --profile '*' config --no-interpolate --format json || report_raw_files "$@"; } </dev/null | {
          capture config "$@" --profile '*' config --format json </dev/null
          cat
        }
        cat
      }
      ;;
    *)
      { report_template "$@" config --no-interpolate || report_raw_files "$@"; } </dev/null | {
        capture config "$@" config </dev/null
        cat
      }
      ;;
  esac
}

report_template() {
  template=$(limited "$@" 2>/dev/null) && say template "$template"
}

# Reports the compose files themselves: without interpolation, v1 rejects a variable in the place of a number.
report_raw_files() {
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

# Prints the paths of all files that may be compose files of the project.
compose_file_candidates() { # WORD…
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

# Reports the compose files that refer to other files, and recursively those that they refer to. Slipway reads from them
# which files belong to the project.
report_texts() { # FILE…
  for file in "$@"; do
    case $seen in *":$file:"*) continue ;; esac
    seen=$seen$file:
    [ "${#seen}" -lt 20000 ] && [ -f "$file" ] && [ -r "$file" ] && [ "$(wc -c <"$file")" -le 262144 ] || continue
    grep -qE 'include|extends|env_file' "$file" || continue
    say "text.$file" "$(cat "$file")"
    # shellcheck disable=SC2046 # one word for each name
    report_texts $(yaml_files_named_in "$file")
  done
}

yaml_files_named_in() { # FILE
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
    report_nearest "$directory"
    return
  fi
  say directory "$(pwd)"
  say listing "$(for entry in *; do [ ! -e "$entry" ] || printf '%s\n' "$entry"; done | head -n 20)"
  given=$base
  find_compose_files
  base=${given:-${base:-.}}
  [ ! -w "$base" ] || say writable
  report_variables "$base" "$@"
  report_configuration "$generation" "$@"
  seen=:
  # shellcheck disable=SC2046 # one word for each name
  report_texts $(compose_file_candidates "$@")
}

answer project "$@"
