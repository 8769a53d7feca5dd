# shellcheck shell=dash disable=SC2154
# Where what is brought goes, by its paths: in none of them is a control character or a backslash.

# A link on the server may lead out of the directory, and would become a file; and a file can take no directory's place.
refuse_ways_out() {
  local path
  (cd "$run/brought/files" && find . -type d) >"$run/brought/directories"
  (cd "$run/brought/files" && find . -type f | sort) >"$run/brought/paths"
  while IFS= read -r path; do
    if [ "$path" = . ]; then continue; fi
    if [ -L "$directory/$path" ]; then refuse_link "$path"; return; fi
    if [ -e "$directory/$path" ] && [ ! -d "$directory/$path" ]; then fail "$directory/${path#./} is no directory"; return; fi
  done <"$run/brought/directories"
  while IFS= read -r path; do
    if [ -L "$directory/$path" ]; then refuse_link "$path"; return; fi
    if [ -d "$directory/$path" ]; then fail "$directory/${path#./} is a directory"; return; fi
  done <"$run/brought/paths"
}

refuse_link() { fail "$directory/${1#./} is a link to $(readlink "$directory/$1"): nothing is brought through it"; }

# One call for what belongs to the same directory: a thousand programs take longer than what they do.
each_directory() { # LIST COMMAND: COMMAND DIRECTORY PATH…, some hundred at a time
  local list="$1" command="$2" at='' above path
  set --
  while IFS=$tab read -r above path <&7; do
    [ -n "$path" ] || continue
    if [ $# -gt 0 ] && { [ "$above" != "$at" ] || [ $# -ge 100 ]; }; then
      "$command" "$at" "$@" || return
      set --
    fi
    at=$above
    set -- "$@" "$path"
  done 7<<LINES
$(by_directory "$list")
LINES
  [ $# = 0 ] || "$command" "$at" "$@"
}

by_directory() { # LIST
  local path
  while IFS= read -r path; do printf '%s\t%s\n' "${path%/*}" "$path"; done <"$1" | LC_ALL=C sort
}
