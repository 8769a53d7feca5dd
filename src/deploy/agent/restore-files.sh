# shellcheck shell=dash disable=SC2154,SC2034,SC2015,SC2086
# Restores the files that the payload replaced, from the record: see place-payload.sh.

# Idempotent, also after a cut: files that are already restored are skipped.
restore_files() {
  local line kind path dirs='' full=''
  [ -e "$record/placed" ] || return 0
  # On a full disk the list would be truncated and look complete. A name may end in a blank.
  while IFS= read -r line; do
    kind=${line%% *} path=${line#* }
    case $kind in
      old) is_restored "$path" || printf '%s\n' "$path" || full=yes ;;
      new) printf '%s\n' "$path" >&7 || full=yes ;;
      dir) dirs=$path$newline$dirs ;;
    esac
  done <"$record/placed" >"$run/back.old" 7>"$run/back.new" || full=yes
  [ -z "$full" ] || { fail disk-full "no disk space is left in $state"; return; }
  each_directory "$run/back.old" restore_old_files && each_directory "$run/back.new" take_away || return
  rm -rf "$run/back.old" "$run/back.new" "$record/back"
  printf '%s' "$dirs" | (cd "$directory" && all_to rmdir 2>/dev/null)
  is_undone "$record/placed"
}

# The record of a change that broke stays for later runs, which undo the rest of it. What is undone already is removed
# from that record, because another deploy or somebody may change it afterwards: at the end, after a flush to the disk,
# so that a power cut loses nothing.
undone_files=''
is_undone() { undone_files=$undone_files$1$newline; } # FILE of the record

forget_undone() {
  [ -n "$undone_files" ] || return 0
  flush
  (IFS="$newline" && rm -f $undone_files) || :
}

# Without hard links, the saved file is a copy. A file that was never replaced has the same content, and may be in a
# directory that this user cannot write to.
is_restored() { # PATH
  [ ! -L "$record/old/$1" ] && [ ! -L "$directory/$1" ] || return
  [ "$record/old/$1" -ef "$directory/$1" ] && return
  same "$record/old/$1" "$directory/$1" && [ "$(stat -c %a "$record/old/$1")" = "$(stat -c %a "$directory/$1")" ]
}

restore_old_files() { # DIRECTORY PATH…
  local at="$1" path
  shift
  rm -rf "$record/back"
  mkdir "$record/back" || { fail disk-full "no disk space is left in $state"; return; }
  for path in "$@"; do shift; set -- "$@" "$record/old/$path"; done
  if ! ln "$@" "$record/back/" 2>/dev/null; then
    rm -rf "$record/back"
    mkdir "$record/back" && cp -p -P "$@" "$record/back/" || { fail disk-full "no disk space is left in $state"; return; }
  fi
  for path in "$@"; do shift; set -- "$@" "$record/back/${path##*/}"; done
  mv -f "$@" "$directory/$at/" || fail not-restored "the previous files in $directory/${at#./} could not be restored"
}

take_away() { # DIRECTORY PATH…
  local at="$1" path
  shift
  for path in "$@"; do shift; set -- "$@" "$directory/$path"; done
  rm -f "$@" || fail not-removed "the uploaded files in $directory/${at#./} could not be removed"
}
