# shellcheck shell=dash disable=SC2154,SC2034,SC2015
# Uploaded files are moved into place by rename. If that is interrupted, the record restores the previous ones:
#   placed     KIND PATH: `old` is in old/PATH, `new` was not there, `dir` is a directory that was not there
#   old/       links to the files that are replaced, with their owners and modes
#   prints     checksums of the uploaded files: lines of `SHA-256  ./PATH`
#   deleted    files that an earlier release uploaded and this one does not
#   paths      all uploaded files, including those that did not change
#   settings   names of variables, and whether each changes
#   recreate   exists if the containers must be recreated: Compose does not notice a change inside a file

files_in() { # LIST
  case $(lines_in "$1") in 1) echo '1 file' ;; *) echo "$(lines_in "$1") files" ;; esac
}

place_payload() {
  [ -d "$run/payload" ] || return 0
  step bring "Copy $(files_in "$run/payload/paths") to $directory" || return
  compare_payload && choose_deleted && record_payload || { fail not-writable "the replaced files cannot be recorded in $state"; return; }
  flush
  move_into_place || { [ -n "$reason" ] || fail not-writable "the files cannot be written to $directory"; return 1; }
  flush
  drop_transfers
}

# Chooses the files to delete: those that an earlier release copied, that nobody changed since, and that Compose does
# not read.
choose_deleted() {
  local path IFS="$newline"
  : >"$run/payload/deleted" && : >"$run/payload/changed" || return
  if [ "$files_delete" != true ] || [ ! -e "$state/copied" ]; then return 0; fi
  paths_in <"$state/copied" | LC_ALL=C comm -23 - "$run/payload/paths" >"$run/payload/stale" &&
    (cd "$directory" && contents_of <"$run/payload/stale") | LC_ALL=C sort >"$run/payload/there" || return
  LC_ALL=C sort "$state/copied" | LC_ALL=C comm -13 - "$run/payload/there" | paths_in >"$run/payload/changed"
  LC_ALL=C sort "$state/copied" | LC_ALL=C comm -12 - "$run/payload/there" | paths_in >"$run/payload/same"
  # shellcheck disable=SC2013 # lines
  for path in $(cat "$run/payload/same"); do
    if is_read "$path"; then say "  $path stays: the project reads it."
    elif [ -f "$directory/$path" ] && [ ! -L "$directory/$path" ] && ! through_link "$path"; then
      say "  Delete $path, which an earlier release uploaded."
      printf '%s\n' "$path" >&7
    fi
  done 7>"$run/payload/deleted" || return
  # shellcheck disable=SC2013 # lines
  for path in $(cat "$run/payload/changed"); do say "  $path stays: it was changed on the server since it was copied."; done
}

is_read() { # ./PATH
  local file IFS="$newline"
  for file in $read_files $part_files $env_file "$directory/$settings_file"; do
    [ "$file" != "$directory/${1#./}" ] || return 0
  done
  for file in $compose_env_files; do
    [ "$file" != "${1#./}" ] || return 0
  done
  return 1
}

# Saves the list of files that Slipway has copied and not deleted since: no other file is ever deleted.
keep_copied() {
  local line now
  [ -e "$record/prints" ] || return 0
  now=$newline$(paths_in <"$record/prints")$newline$(cat "$record/deleted" 2>/dev/null)$newline
  {
    cat "$record/prints"
    [ ! -e "$state/copied" ] || while IFS= read -r line; do
      case $now in *"$newline${line#*  }$newline"*) ;; *) printf '%s\n' "$line" ;; esac
    done <"$state/copied"
  } >"$state/copied.new" && share "$state/copied.new" && mv -f "$state/copied.new" "$state/copied" ||
    say "  The list of copied files could not be written to $state."
}

lines_in() { # FILE
  local line count=0
  while read -r line; do count=$((count + 1)); done <"$1"
  echo "$count"
}

# Finds the files that differ: no other file is touched.
compare_payload() {
  # Flushing to disk and reading run side by side: one needs the disk, the other the processor.
  { new_prints && flush || : >"$run/payload/unread"; } |
    fingerprint "$directory" "$run/payload/paths" >"$run/payload/now" && [ ! -e "$run/payload/unread" ] || return
  payload_hash=$(sha256sum <"$run/payload/new") payload_hash=${payload_hash%% *}
  LC_ALL=C comm -23 "$run/payload/new" "$run/payload/now" | paths_in >"$run/payload/differ"
}

# The runner sent the checksums of the uploaded files (payload/prints); those of the env files, which are merged here,
# are computed.
new_prints() {
  known_prints | LC_ALL=C sort >"$run/payload/known" &&
    paths_in <"$run/payload/known" | LC_ALL=C comm -23 "$run/payload/paths" - >"$run/payload/unknown" || return
  (cd "$run/payload/files" && contents_of <"$run/payload/unknown" && modes_of <"$run/payload/paths") |
    LC_ALL=C sort - "$run/payload/known" >"$run/payload/new" && lists_all "$run/payload/new" "$run/payload/paths"
}

# Returns whether the fingerprint covers the whole list: a file is missing in it if sha256sum was killed or could not
# read the file.
lists_all() { # FINGERPRINT LIST
  [ "$(sed -n 's/^[0-9a-f]\{64\}  //p' "$1" | LC_ALL=C sort -u | LC_ALL=C comm -13 - "$2")" = '' ]
}

# Leaves out the lines of modes, which the prints of a kept release have, too.
known_prints() {
  local own
  [ -e "$run/payload/prints" ] || return 0
  own=$(printf '%s\n' "$settings_file" "${env_file#"$directory/"}" | sed -e 's/[][\\.*^$/]/\\&/g' -e 's/.*/\/  \\.\\\/&$\/d/')
  sed -n -e "$own" -e '/^[0-9a-f]\{64\}  /p' "$run/payload/prints"
}

# Prints lines of `CHECKSUM PATH` and `MODE PATH` for the paths that exist. Reads two halves of the list in parallel,
# because reading takes most of the time.
fingerprint() { # DIRECTORY LIST
  rm -f "$2.unread"
  { sed -n 'p;n' "$2" | prints_in "$1" >"$2.one" || : >"$2.unread"; } |
    { sed -n 'n;p' "$2" | prints_in "$1" >"$2.other"; } && [ ! -e "$2.unread" ] || return
  { cat "$2.one" "$2.other"; (cd "$1" && modes_of <"$2"); } | LC_ALL=C sort && rm -f "$2.one" "$2.other"
}

prints_in() { (cd "$1" && contents_of); } # DIRECTORY

# For the paths on stdin that exist.
contents_of() { all_to sha256sum 2>/dev/null || :; }
modes_of() { all_to stat -L -c '%a %n' 2>/dev/null || :; }

# Calls a command with the lines on stdin as arguments, unless there are none.
all_to() { tr '\n' '\0' | xargs -0 -r "$@"; } # COMMAND ARGUMENT…

# Prints each path in the lines of a fingerprint once.
paths_in() { sed 's/^[^ ]* *//' | LC_ALL=C sort -u; }

# shellcheck disable=SC2013 # lines
record_payload() {
  local path words="$IFS" IFS="$newline"
  rm -rf "$record/old" "$record/placed.new"
  mkdir "$record/old" || return
  for path in $(cat "$run/payload/directories"); do
    [ -d "$directory/$path" ] || printf 'dir %s\n' "$path"
  done >"$record/placed.new" || return
  for path in $(cat "$run/payload/differ" "$run/payload/deleted"); do
    if [ -e "$directory/$path" ]; then
      printf 'old %s\n' "$path"
      printf '%s\n' "$path" >&7
    else
      printf 'new %s\n' "$path"
    fi
  done >>"$record/placed.new" 7>"$run/payload/replaced" || return
  IFS="$words"
  sed 's/\/[^/]*$//' "$run/payload/replaced" | LC_ALL=C sort -u | (cd "$record/old" && all_to mkdir -p) &&
    each_directory "$run/payload/replaced" save_old || return
  ! must_recreate || : >"$record/recreate" || return
  note_copied || return
  cp "$run/payload/deleted" "$record/deleted" && cp "$run/payload/paths" "$record/paths" && put "$record/brought" "$payload_hash" && put "$record/settings" "$settings_summary" && own_directories "$record/old" && share "$record/paths" "$record/placed.new" && mv "$record/placed.new" "$record/placed"
}

# The payload of a rollback includes files that Slipway never uploaded. Only those count as copied that the chosen release
# ran with as they had been copied.
note_copied() {
  if [ -z "$rollback_to" ]; then sed -n '/^[0-9a-f]\{64\}  /p' "$run/payload/new" >"$record/prints"
  elif [ -e "$run/payload/copied" ]; then
    LC_ALL=C sort "$run/payload/copied" | LC_ALL=C comm -12 - "$run/payload/new" >"$record/prints"
  fi
}

# Falls back to copies, because some file systems have no hard links, and the kernel may refuse links to others' files.
save_old() { # DIRECTORY PATH…
  local at="$1" path
  shift
  if (cd "$directory" && ln "$@" "$record/old/$at/") 2>/dev/null; then return; fi
  rm -rf "$record/copies" && mkdir "$record/copies" && (cd "$directory" && cp -p -P "$@" "$record/copies/") || return
  for path in "$@"; do shift; set -- "$@" "$record/copies/${path##*/}"; done
  mv -f "$@" "$record/old/$at/"
}

# Returns whether a file differs from the one in place, no matter who changed it, or the running release was verified
# with another payload.
must_recreate() {
  if [ -s "$run/payload/differ" ] || [ -s "$run/payload/deleted" ]; then return 0; fi
  ! each_service has_same_payload
}

has_same_payload() {
  local verified before=''
  verified=$(release_of "$name")
  [ -z "$verified" ] || before=$(value_of brought "$verified/release")
  [ -z "$before" ] || [ "$before" = "$payload_hash" ]
}

# Moves each file by a rename within the file system, and a new directory as a whole.
move_into_place() {
  local mode owner=''
  mode=$(stat -c %a "$directory") || return
  [ "$(id -u)" != 0 ] || owner=$(stat -c %u:%g "$directory") || return
  sed -n 's/^dir //p' "$record/placed" >"$run/payload/missing" &&
    (cd "$run/payload/files" && all_to chmod "$mode" <"$run/payload/missing") &&
    highest_missing >"$run/payload/highest" &&
    each_directory "$run/payload/highest" move_in && each_directory "$run/payload/differ" move_in &&
    each_directory "$run/payload/deleted" take_away
}

highest_missing() {
  local path IFS="$newline"
  # shellcheck disable=SC2013 # lines
  for path in $(cat "$run/payload/missing"); do
    [ ! -d "$directory/${path%/*}" ] || printf '%s\n' "$path"
  done
}

move_in() { # DIRECTORY PATH…
  local at="$1"
  shift
  # A parent directory was moved as a whole.
  if [ ! -d "$run/payload/files/$at" ]; then [ -e "$directory/$1" ]; return; fi
  (cd "$run/payload/files" && belongs "$@" && mv -f "$@" "$directory/$at/") ||
    fail not-writable "the files cannot be written to $directory/${at#./}"
}

belongs() { [ -z "$owner" ] || chown -R "$owner" "$@"; }
