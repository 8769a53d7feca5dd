# shellcheck shell=dash disable=SC2154,SC2034,SC2015,SC2086,SC2046
# The files of the kept releases, which `rollback-to` restores together with the image. kept/RUN-ID contains `files`, a
# tree of the project directory with the compose files, the env file and everything uploaded until then; `prints`, their
# fingerprint; and `copied`, the list of files that Slipway had copied by then. Files that did not change since the
# previous release are hard links to its copies. No copy is linked to a file in place, because somebody may write to that
# file.

keep_project() {
  # The ID of the interrupted run, if this run settles one.
  local kept_id to
  kept_id=$(value_of id "$record/run") to=$state/kept/${kept_id:=$id}
  rm -rf "$to.new"
  mkdir -p "$to.new/files" && kept_paths >"$run/kept.paths" && fingerprint "$directory" "$run/kept.paths" >"$to.new/prints" &&
    lists_all "$to.new/prints" "$run/kept.paths" && copy_project "$to.new" && keep_list && share "$to.new/prints" && own_directories "$to.new" && rm -rf "$to" && mv "$to.new" "$to" && share "$state/kept" && put "$state/kept/latest" "$kept_id" ||
    { rm -rf "$to.new"; say "  The files of this release could not be saved for a rollback in $state."; }
  set +f
  rm -f "$run/kept."*
  set -f
  prune_kept
}

# The list of a run of root may be unreadable for this user.
keep_list() {
  [ ! -r "$state/copied" ] || { cp "$state/copied" "$to.new/" && share "$to.new/copied"; }
}

# Prints the relative paths of existing files, each once. Paths through symbolic links are left out.
kept_paths() {
  local file IFS="$newline"
  {
    for file in $read_files $(small $part_files) $env_file "$directory/$settings_file"; do
      case $file in "$directory/"*) printf './%s\n' "${file#"$directory/"}" ;; esac
    done
    for file in $compose_env_files; do printf './%s\n' "$file"; done
    cat "$record/paths" 2>/dev/null
    [ ! -r "$(latest_kept)/prints" ] || paths_in <"$(latest_kept)/prints"
  } | while read -r file; do
    case $file in */../* | */./*) continue ;; esac
    [ ! -f "$directory/$file" ] || through_link "$file" || printf '%s\n' "$file"
  done | LC_ALL=C sort -u
}

# `env_file` may name a file of any size: only files up to 1 MB are kept.
small() { # FILE…
  local file
  for file in "$@"; do
    [ ! -r "$file" ] || [ ! -f "$file" ] || [ "$(wc -c <"$file")" -gt 1048576 ] || printf '%s\n' "$file"
  done
}

# Returns whether a part of the path is a symbolic link: such a file could not be restored.
through_link() { # ./PATH
  local path="$1"
  until [ "$path" = . ]; do
    if [ -L "$directory/$path" ]; then return 0; fi
    path=${path%/*}
  done
  return 1
}

latest_kept() {
  local name
  read -r name 2>/dev/null <"$state/kept/latest" || return 0
  [ ! -d "$state/kept/$name" ] || printf '%s\n' "$state/kept/$name"
}

copy_project() { # TO
  local to="$1" from
  from=$(latest_kept)
  # The prints of a run of root may be unreadable for this user.
  if [ -n "$from" ] && [ -r "$from/prints" ]; then
    LC_ALL=C comm -23 "$to/prints" "$from/prints" >"$run/kept.lines" && paths_in <"$run/kept.lines" >"$run/kept.other" &&
      LC_ALL=C comm -23 "$run/kept.paths" "$run/kept.other" >"$run/kept.same" &&
      each_directory "$run/kept.same" link_kept || return
  else
    cp "$run/kept.paths" "$run/kept.other" || return
  fi
  from=''
  each_directory "$run/kept.other" copy_kept
}

link_kept() { # DIRECTORY PATH…
  local at="$1" path
  shift
  mkdir -p "$to/files/$at" || return
  for path in "$@"; do shift; set -- "$@" "$from/files/$path"; done
  ln "$@" "$to/files/$at/" 2>/dev/null && return
  # The kernel may refuse links to another user's files after some were linked, and cp cannot copy a file onto itself.
  for path in "$@"; do rm -f "$to/files/$at/${path##*/}"; done
  cp -p "$@" "$to/files/$at/"
}

copy_kept() { # DIRECTORY PATH…
  local at="$1" path
  shift
  mkdir -p "$to/files/$at" || return
  for path in "$@"; do shift; set -- "$@" "$directory/$path"; done
  cp -p "$@" "$to/files/$at/"
}

own_directories() { # DIRECTORY
  [ "$(id -u)" != 0 ] || find "$1" -type d -exec chown "$(stat -c %u:%g "$state")" {} +
}

# Removes the files of releases whose images are pruned.
prune_kept() {
  local entry keep
  keep=" latest $kept_id $(kept_runs) "
  set +f
  for entry in "$state/kept/"*; do
    case $keep in *" ${entry##*/} "*) ;; *) rm -rf "$entry" ;; esac
  done
  set -f
}

# Prints the last run of every kept release of every service.
kept_runs() {
  local entry image run_id number
  set +f
  for entry in "$state/releases/"*/; do
    entry=${entry%/} number=0
    verified_runs "${entry##*/}" | while read -r image run_id; do
      number=$((number + 1))
      [ "$number" -gt $((keep_releases + 1)) ] || echo "$run_id"
    done
  done | tr '\n' ' '
  set -f
}

# For `rollback-to`: makes the files of the chosen release the payload of this run.
stage_kept() { # RUN-ID
  local from="$state/kept/${1:-none}"
  if [ ! -d "$from" ]; then
    say '  The files of that release were not kept: only its image is restored.'
    return 0
  fi
  say '  The files of that release are restored with its image.'
  drop_transfers
  mkdir "$run/payload" && cp -p -R "$from/files" "$run/payload/" && : >"$run/payload/whole" ||
    { fail not-writable "the files of that release cannot be copied to $run"; return; }
  # Without `prints`, all files are read again.
  [ ! -r "$from/prints" ] || cp "$from/prints" "$run/payload/"
  [ ! -r "$from/copied" ] || cp "$from/copied" "$run/payload/"
}
