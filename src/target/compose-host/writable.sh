# Finds directories of a project that the login may not write to.

# Reads directories from stdin, relative to DIRECTORY. Prints those in which no file can be replaced or added, as
# `WHERE<tab>PATH`, where WHERE is the existing directory that is not writable.
unwritable() { # DIRECTORY
  while IFS= read -r path; do
    above=$path
    until [ -d "$1/$above" ] || [ "$above" = . ]; do above=${above%/*}; done
    [ -w "$1/$above" ] || printf '%s\t%s\n' "$above" "$path"
  done
}

# Reads lines `SHA-256  ./PATH` from stdin. Prints the files in unwritable directories that have that content (`same`),
# or do not have it (`other`), as `WHERE<tab>PATH`.
locked_files() { # DIRECTORY same|other
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
