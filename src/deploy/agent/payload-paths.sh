# shellcheck shell=dash disable=SC2154
# The target paths of the uploaded files. None contains a control character or a backslash.

# Refuses paths through a symbolic link, which may lead out of the project directory and which a rename would replace,
# and files in the place of directories.
refuse_unsafe_paths() {
  local path words="$IFS" IFS="$newline"
  list_payload || { fail not-writable "the uploaded files cannot be listed in $run"; return; }
  # shellcheck disable=SC2046
  set -- $(cat "$run/payload/directories") '' $(cat "$run/payload/paths")
  IFS="$words"
  while [ -n "$1" ]; do
    path=$1
    shift
    if [ "$path" = . ]; then continue; fi
    if [ -L "$directory/$path" ]; then refuse_link "$path"; return; fi
    if [ -e "$directory/$path" ] && [ ! -d "$directory/$path" ]; then fail path-taken "$directory/${path#./} is not a directory"; return; fi
  done
  shift
  for path in "$@"; do
    if [ -L "$directory/$path" ]; then refuse_link "$path"; return; fi
    if [ -d "$directory/$path" ]; then fail path-taken "$directory/${path#./} is a directory"; return; fi
  done
}

# Fails if a list cannot be written completely: a truncated list would look complete.
list_payload() {
  (cd "$run/payload/files" && find . -type d) >"$run/payload/directories" &&
    (cd "$run/payload/files" && find . -type f) >"$run/payload/found" &&
    LC_ALL=C sort "$run/payload/found" >"$run/payload/paths" && rm "$run/payload/found"
}

refuse_link() { fail path-is-link "$directory/${1#./} is a symbolic link to $(readlink "$directory/$1"), and Slipway does not write through links"; }

# Calls a command once per directory, because starting a thousand programs takes longer than their work. (So does
# `read`, which reads byte by byte.)
each_directory() { # LIST COMMAND: COMMAND DIRECTORY PATH…, some hundred at a time
  local command="$2" at='' batch='' count=0 line words="$IFS" IFS="$newline"
  # shellcheck disable=SC2046
  set -- $(by_directory "$1") "$tab"
  for line in "$@"; do
    if [ "$count" -ge 100 ] || [ "${line%%"$tab"*}" != "$at" ]; then
      # shellcheck disable=SC2086
      set -- $batch
      IFS="$words"
      [ $# = 0 ] || "$command" "$at" "$@" || return
      IFS="$newline" at=${line%%"$tab"*} batch='' count=0
    fi
    batch=$batch$newline${line#*"$tab"} count=$((count + 1))
  done
}

by_directory() { sed "s/^\\(.*\\)\\/[^/]*\$/\\1$tab&/" "$1" | LC_ALL=C sort; } # LIST
