# shellcheck shell=dash disable=SC2034,SC2154
# The project as it will be with what is brought: in a directory that is gone when the question is answered. Stands
# behind answer.sh, and before a question. Stdin: an archive. Arguments: the project directory, the env file in it, and
# those of the question, which gets the sketch in the directory's place.

newline='
'
tab='	'
env_file='' env_set=''

# For settings.sh.
private_umask() { echo 077; }
fail() { return 1; }

sketch() { # DIRECTORY SETTINGS-FILE
  umask 077
  settings_file=$2
  run=$(mktemp -d "${TMPDIR:-/tmp}/slipway.XXXXXX") || exit 1
  trap 'rm -rf "$run"' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  locate "$1"
  mkdir "$run/brought"
  tar -xpof - -C "$run/brought" && [ -e "$run/brought/whole" ] && mkdir -p "$run/brought/files" && merge_settings || exit 1
  shadow=$run/${directory##*/}
  mv "$run/brought/files" "$shadow" && fill_shadow "$shadow" "$directory" || exit 1
}

# Where the directory is, or will be, and whether the login may write there.
locate() { # DIRECTORY
  local above
  unset CDPATH
  case $1 in /*) directory=${1%/} ;; *) directory=$(pwd)/${1%/} ;; esac
  case $1 in .) directory=$(pwd) ;; esac
  missing='' above=$directory
  if [ -d "$directory" ]; then directory=$(cd -- "$directory" && pwd) || exit 1; above=$directory; else missing=yes; fi
  until [ -d "$above" ]; do above=$(dirname -- "$above"); done
  writable=''
  [ ! -w "$above" ] || writable=yes
}

# What the question answers, behind what the sketch is of.
answer() {
  printf '\n#slipway\n'
  say sketch.shadow "$shadow"
  say sketch.directory "$directory"
  [ -z "$missing" ] || say sketch.missing
  [ -z "$writable" ] || say sketch.writable
  "$@" </dev/null
  printf '=end\n'
}

sketch "$1" "$2"
shift 3
set -- "$shadow" "$@"
