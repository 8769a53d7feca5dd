# shellcheck shell=dash disable=SC2034,SC2154
# Stages a copy of the project with the uploads in place, and asks a question about it. The copy is in a temporary
# directory, which is removed after the answer. Runs after answer.sh and before the script of the question. Stdin: the
# archive of the uploads. Arguments: the project directory, the env file in it, and the arguments of the question, which
# gets the path of the copy in the place of the project directory.

newline='
'
tab='	'
env_file='' env_set='' refused='' reason='' locked=''

# settings.sh and payload-paths.sh call these two.
private_umask() { echo 077; }
fail() { # CODE REASON
  shift
  reason=$*
  return 1
}

stage_copy() { # DIRECTORY SETTINGS-FILE
  umask 077
  settings_file=$2
  remove_stale_copies "${TMPDIR:-/tmp}"
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

# Prints the files that would change in directories that the login may not write to: the first one of each directory, as
# `WHERE<tab>PATH`.
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

# Reports whether an upload would change the existing file. A large file is staged empty, so only its mode is compared.
# The mode of the settings file is not, as it keeps that of the existing file.
will_change() { # ./PATH
  local file="$run/payload/files/$1"
  [ -f "$directory/$1" ] || return 0
  if [ -s "$file" ] && [ "$(sha256sum <"$file")" != "$(sha256sum <"$directory/$1")" ]; then return 0; fi 2>/dev/null
  [ "${1#./}" != "$settings_file" ] && [ "$(stat -L -c %a "$file")" != "$(stat -L -c %a "$directory/$1")" ]
}

# Removes the directories of killed runs, as they contain uploads.
remove_stale_copies() { # DIRECTORY
  local stale process
  for stale in "$1"/slipway.[0-9]*.??????; do
    process=${stale#"$1"/slipway.} process=${process%.*}
    [ ! -d "$stale" ] || kill -0 "$process" 2>/dev/null || rm -rf "$stale" 2>/dev/null || :
  done
}

# Finds the absolute path of the directory, whether it exists, and whether the login may write there.
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

# Replaces `answer` of answer.sh: prints what is known of the staged copy before the answer of the question.
answer() {
  bounded=$(timeout 60 echo yes 2>/dev/null)
  printf '\n#slipway\n'
  say staged.root "$run/shadow"
  if [ -n "$refused" ]; then say staged.refused "$refused"; printf '=end\n'; return; fi
  [ -z "$missing" ] || say staged.missing
  [ -z "$writable" ] || say staged.writable
  [ -z "$locked" ] || say staged.locked "$locked"
  [ -z "$settings_summary" ] || say staged.settings "$settings_summary"
  # settings.sh has disabled pathname expansion, which the scripts of questions need.
  set +f
  "$@" </dev/null
  printf '=end\n'
}

stage_copy "$1" "$2"
shift 3
set -- "$shadow" "$@"
