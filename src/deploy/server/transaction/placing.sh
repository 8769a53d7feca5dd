# shellcheck shell=dash disable=SC2154,SC2034,SC2015
# What is brought is put in place by a rename for each file; whatever ends half-way is put back from the record:
#   placed     KIND PATH: `old` is in old/PATH, `new` was not there, `dir` is a directory that was not there
#   old/       links to the files that are replaced, with their owners and modes
#   paths      all that was brought, also what was there already
#   settings   names of variables, and whether they change
#   recreate   there where the containers must be made anew: Compose does not notice what is in a file

place_brought() {
  [ -d "$run/brought" ] || return 0
  step bring "Bring $(lines_in "$run/brought/paths") files to $directory" || return
  compare_brought && record_brought || { fail "what is replaced cannot be recorded in $state"; return; }
  flush
  put_in_place || { fail "the files cannot be put into $directory"; return; }
  flush
  drop_transfers
}

lines_in() { # FILE
  local line count=0
  while read -r line; do count=$((count + 1)); done <"$1"
  echo "$count"
}

# Only what differs is touched.
compare_brought() {
  # Both at once: most of the time goes by in reading them.
  { fingerprint "$run/brought/files" "$run/brought/paths" >"$run/brought/new" || : >"$run/brought/unread"; } |
    fingerprint "$directory" "$run/brought/paths" >"$run/brought/now" && [ ! -e "$run/brought/unread" ] || return
  brought_hash=$(sha256sum <"$run/brought/new") brought_hash=${brought_hash%% *}
  LC_ALL=C comm -23 "$run/brought/new" "$run/brought/now" | paths_in >"$run/brought/differ"
}

# Lines of `CONTENT PATH` and `MODE PATH`, for the paths that are there.
fingerprint() { (cd "$1" && each_directory "$2" prints_of) | LC_ALL=C sort; } # DIRECTORY LIST

prints_of() { # DIRECTORY PATH…
  shift
  sha256sum "$@" 2>/dev/null
  stat -L -c '%a %n' "$@" 2>/dev/null
  return 0
}

# Of lines of a fingerprint, each path once.
paths_in() {
  local line
  while IFS= read -r line; do
    line=${line#* }
    printf '%s\n' "${line# }"
  done | LC_ALL=C sort -u
}

record_brought() {
  local path
  rm -rf "$record/old" "$record/placed.new"
  mkdir "$record/old" && : >"$run/brought/replaced" || return
  while IFS= read -r path; do
    [ -d "$directory/$path" ] || printf 'dir %s\n' "$path"
  done <"$run/brought/directories" >"$record/placed.new" || return
  while IFS= read -r path; do
    if [ -e "$directory/$path" ]; then
      printf 'old %s\n' "$path"
      printf '%s\n' "$path" >&7
    else
      printf 'new %s\n' "$path"
    fi
  done <"$run/brought/differ" >>"$record/placed.new" 7>"$run/brought/replaced" || return
  each_directory "$run/brought/replaced" save_old || return
  ! must_recreate || : >"$record/recreate" || return
  cp "$run/brought/paths" "$record/paths" && put "$record/brought" "$brought_hash" && put "$record/settings" "$settings_told" && own_directories "$record/old" && share "$record/paths" "$record/placed.new" && mv "$record/placed.new" "$record/placed"
}

# Some file systems have no links, and some owners' files may not be linked.
save_old() { # DIRECTORY PATH…
  local at="$1" path
  shift
  mkdir -p "$record/old/$at" || return
  for path in "$@"; do shift; set -- "$@" "$directory/$path"; done
  if ln "$@" "$record/old/$at/" 2>/dev/null; then return; fi
  rm -rf "$record/copies" && mkdir "$record/copies" && cp -p -P "$@" "$record/copies/" || return
  for path in "$@"; do shift; set -- "$@" "$record/copies/${path##*/}"; done
  mv -f "$@" "$record/old/$at/"
}

# Whatever differs counts, whoever changed it; and so does that something else was brought for the release that runs.
must_recreate() {
  local name rest verified before
  [ ! -s "$run/brought/differ" ] || return 0
  while read -r name rest; do
    verified=$(release_of "$name")
    before=''
    [ -z "$verified" ] || before=$(value_of brought "$verified/release")
    if [ -n "$before" ] && [ "$before" != "$brought_hash" ]; then return 0; fi
  done <"$record/services"
  return 1
}

# A rename each, within the file system.
put_in_place() {
  local kind path mode owner=''
  mode=$(stat -c %a "$directory") || return
  [ "$(id -u)" != 0 ] || owner=$(stat -c %u:%g "$directory") || return
  while read -r kind path; do [ "$kind" != dir ] || printf '%s\n' "$path"; done <"$record/placed" >"$run/brought/missing"
  each_directory "$run/brought/missing" make_directories && each_directory "$run/brought/differ" move_in
}

make_directories() { # DIRECTORY PATH…
  local path
  shift
  for path in "$@"; do shift; set -- "$@" "$directory/$path"; done
  mkdir "$@" && chmod "$mode" "$@" && belongs "$@"
}

move_in() { # DIRECTORY PATH…
  local at="$1" path
  shift
  for path in "$@"; do shift; set -- "$@" "$run/brought/files/$path"; done
  belongs "$@" && mv -f "$@" "$directory/$at/"
}

belongs() { [ -z "$owner" ] || chown "$owner" "$@"; }
