# shellcheck shell=dash disable=SC2034,SC2154
# The project as it will be with what is brought: in a directory that is gone when the question is answered. Stands
# behind answer.sh, and before a question. Stdin: an archive. Arguments: the project directory, the env file in it, and
# those of the question, which gets the sketch in the directory's place.

newline='
'
tab='	'
env_file='' env_set='' refused='' reason='' locked=''

# For settings.sh and payload-paths.sh.
private_umask() { echo 077; }
fail() { # CODE REASON
  shift
  reason=$*
  return 1
}

sketch() { # DIRECTORY SETTINGS-FILE
  umask 077
  settings_file=$2
  sweep_sketches "${TMPDIR:-/tmp}"
  run=$(mktemp -d "${TMPDIR:-/tmp}/slipway.$$.XXXXXX") || exit 1
  trap 'rm -rf "$run"' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  locate "$1"
  mkdir "$run/payload"
  tar -xpof - -C "$run/payload" && [ -e "$run/payload/whole" ] && mkdir -p "$run/payload/files" || exit 1
  merge_settings >/dev/null && refuse_unsafe_paths || refused=${reason:-the project cannot be prepared}
  [ -n "$refused$missing" ] || locked=$(locked_uploads)
  shadow=$run/shadow$directory
  mkdir -p "${shadow%/*}" && mv "$run/payload/files" "$shadow" && fill_shadow "$run/shadow" "$directory" || exit 1
}

# The files that would change where the login may not write: the first of each directory, as `WHERE<tab>PATH`.
locked_uploads() {
  local each at path IFS="$newline"
  for each in $(unwritable "$directory" <"$run/payload/directories"); do
    at=${each#*"$tab"} each=${each%%"$tab"*}
    # shellcheck disable=SC2013 # lines
    for path in $(cat "$run/payload/paths"); do
      [ "${path%/*}" = "$at" ] && will_change "$path" || continue
      printf '%s\t%s\n' "${each#./}" "${path#./}"
      break
    done
  done
}

# Of a file that is large the name alone is here, and settings have the mode of the file in place.
will_change() { # ./PATH
  local file="$run/payload/files/$1"
  [ -f "$directory/$1" ] || return 0
  if [ -s "$file" ] && [ "$(sha256sum <"$file")" != "$(sha256sum <"$directory/$1")" ]; then return 0; fi 2>/dev/null
  [ "${1#./}" != "$settings_file" ] && [ "$(stat -L -c %a "$file")" != "$(stat -L -c %a "$directory/$1")" ]
}

# Of those that were killed: what is brought is in them.
sweep_sketches() { # DIRECTORY
  local left process
  for left in "$1"/slipway.[0-9]*.??????; do
    process=${left#"$1"/slipway.} process=${process%.*}
    [ ! -d "$left" ] || kill -0 "$process" 2>/dev/null || rm -rf "$left" 2>/dev/null || :
  done
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
  bounded=$(timeout 60 echo yes 2>/dev/null)
  printf '\n#slipway\n'
  say sketch.root "$run/shadow"
  if [ -n "$refused" ]; then say sketch.refused "$refused"; printf '=end\n'; return; fi
  [ -z "$missing" ] || say sketch.missing
  [ -z "$writable" ] || say sketch.writable
  [ -z "$locked" ] || say sketch.locked "$locked"
  [ -z "$settings_summary" ] || say sketch.settings "$settings_summary"
  # settings.sh has switched it off, and questions look for files by pattern.
  set +f
  "$@" </dev/null
  printf '=end\n'
}

sketch "$1" "$2"
shift 3
set -- "$shadow" "$@"
