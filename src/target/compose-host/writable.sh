# Directories of a project that the login may not write in.

# unwritable DIRECTORY: of the directories on stdin, relative to it, those in which no file can be replaced or added;
# lines of `WHERE<tab>PATH`, where WHERE is the directory that is there and refuses it.
unwritable() {
  while IFS= read -r path; do
    above=$path
    until [ -d "$1/$above" ] || [ "$above" = . ]; do above=${above%/*}; done
    [ -w "$1/$above" ] || printf '%s\t%s\n' "$above" "$path"
  done
}

# locked DIRECTORY same|other: of the lines `SHA-256  ./PATH` on stdin, the files in such a directory that are there
# with that content, or are not; lines of `WHERE<tab>PATH`.
locked_files() {
  prints=$(sed -n '/^[0-9a-f]\{64\}  \.\//p' | sort -u)
  refusing=$(printf '%s\n' "$prints" | sed -n 's/^[^ ]*  \(.*\)\/[^/]*$/\1/p' | sort -u | unwritable "$1")
  [ -n "$refusing" ] || return 0
  printf '%s\n' "$refusing" | while IFS='	' read -r above at; do
    printf '%s\n' "$prints" | while IFS= read -r line; do
      path=${line#*  }
      [ "${path%/*}" = "$at" ] || continue
      now=$({ sha256sum <"$1/$path"; } 2>/dev/null)
      case $2.$now in same."${line%%  *} "*) ;; same.* | other."${line%%  *} "*) continue ;; esac
      printf '%s\t%s\n' "${above#./}" "${path#./}"
    done
  done | head -n 100
}
