# shellcheck shell=dash disable=SC2154,SC2034,SC2015
# Files and settings that come with the image: $run/brought has `files`, a tree as it goes into the project's directory,
# and `settings`, a line of the env file each. They are checked as they will be, recorded with what they replace, and
# put in place by rename; whatever ends half-way is put back from the record:
#   placed     KIND PATH: `old` is in old/PATH, `new` was not there, `dir` is a directory that was not there
#   old/       links to the files that are replaced, with their owners and modes
#   recreate   there where the containers must be made anew: Compose does not notice what is in a file

front_limit='' on_lost=keep front='' settings_file=.env allow_older=false hooks_before='' hooks_after=''
dependencies='' waves='' hook_timeout=600 superseded='' shadow='' brought_hash=''

bring_parameter() { # NAME VALUE
  case $1 in
    settings-file) settings_file=$2 ;;
    host-before) hooks_before=${hooks_before}host\ $2$newline ;;
    run-before) hooks_before=${hooks_before}run\ $2$newline ;;
    run-after) hooks_after=${hooks_after}run\ $2$newline ;;
    host-after) hooks_after=${hooks_after}host\ $2$newline ;;
    front) front=$2 ;;
    front-limit) front_limit=$2 ;;
    on-lost) on_lost=$2 ;;
    allow-older) allow_older=$2 ;;
    # NAME started|healthy|ended IMAGE
    dependency) dependencies=$dependencies$2$newline ;;
    # NAME=CONDITION…: services that come up together, once those before them are ready
    wave) waves=$waves$2$newline ;;
    hook-timeout) hook_timeout=$2 ;;
  esac
}

# An archive on stdin, taken whole or not at all: its last entry says that it is.
stage() {
  local part=$run/brought.$$
  # Another user's deploy may have to take it away; the files themselves are private by their own modes.
  umask "$(private_umask)"
  rm -rf "$run/brought" "$run/brought".[0-9]*
  mkdir "$part" && tar -xpof - -C "$part" && [ -e "$part/whole" ] && mkdir -p "$part/files" &&
    mv "$part" "$run/brought" && return
  rm -rf "$part"
  return 1
}

# As it will be, under the lock, and before anything is touched.
check_brought() {
  local code=0
  [ -d "$run/brought" ] || return 0
  step check 'Check what is brought' || return
  merge_settings && refuse_ways_out || return
  rm -rf "$run/brought/settings"
  make_shadow || { fail "the files cannot be prepared in $run"; return; }
  file_options=$(shadow_options)
  (cd "$shadow" && within 60 compose config -q) >/dev/null 2>"$run/error" || code=$?
  file_options=''
  rm -rf "$run/shadow"
  [ "$code" = 0 ] || { told_without_values; fail 'Compose does not take the project with what is brought'; }
}

make_shadow() {
  shadow=$run/shadow/${directory##*/}
  rm -rf "$run/shadow"
  mkdir "$run/shadow" && cp -R -l "$run/brought/files" "$shadow" && fill_shadow "$shadow" "$directory"
}

shadow_options() {
  local file IFS="$newline"
  for file in $compose_files; do
    case $file in "$directory/"*) file=$shadow/${file#"$directory/"} ;; esac
    printf '%s\n%s\n' -f "$file"
  done
}

# Compose quotes what it cannot read, resolved.
told_without_values() { tail -n 5 "$run/error" | sed 's/"[^"]*"/"…"/g' | indented; }

# A link on the server may lead out of the directory, and a file can take no directory's place.
refuse_ways_out() {
  local path
  (cd "$run/brought/files" && find . -type d) >"$run/brought/directories"
  (cd "$run/brought/files" && find . -type f | sort) >"$run/brought/paths"
  while IFS= read -r path; do
    if [ "$path" = . ]; then continue; fi
    if [ -L "$directory/$path" ]; then fail "$directory/${path#./} is a link: nothing is brought through it"; return; fi
    if [ -e "$directory/$path" ] && [ ! -d "$directory/$path" ]; then fail "$directory/${path#./} is no directory"; return; fi
  done <"$run/brought/directories"
  while IFS= read -r path; do
    if [ -d "$directory/$path" ] && [ ! -L "$directory/$path" ]; then fail "$directory/${path#./} is a directory"; return; fi
  done <"$run/brought/paths"
}

place_brought() {
  [ -d "$run/brought" ] || return 0
  step bring "Bring $(lines_in "$run/brought/paths") files to $directory" || return
  compare_brought && record_brought || { fail "what is replaced cannot be recorded in $state"; return; }
  flush
  put_in_place || { fail "the files cannot be put into $directory"; return; }
  flush
  rm -rf "$run/brought"
}

lines_in() { # FILE
  local line count=0
  while read -r line; do count=$((count + 1)); done <"$1"
  echo "$count"
}

# Only what differs is touched.
compare_brought() {
  fingerprint "$run/brought/files" >"$run/brought/new" && fingerprint "$directory" >"$run/brought/now" || return
  brought_hash=$(sha256sum <"$run/brought/new") brought_hash=${brought_hash%% *}
  LC_ALL=C comm -23 "$run/brought/new" "$run/brought/now" | sed 's/^[^ ]* *//' | LC_ALL=C sort -u >"$run/brought/differ"
}

# Lines of `CONTENT PATH` and `MODE PATH`, for the brought paths that are there.
fingerprint() { # DIRECTORY
  tr '\n' '\0' <"$run/brought/paths" | (
    cd "$1" && xargs -0 sh -c 'sha256sum "$@" 2>/dev/null; stat -L -c "%a %n" "$@" 2>/dev/null; :' sh
  ) | LC_ALL=C sort
}

record_brought() {
  local path
  rm -rf "$record/old" "$record/placed.new"
  mkdir "$record/old" || return
  while IFS= read -r path; do
    [ -d "$directory/$path" ] || printf 'dir %s\n' "$path"
  done <"$run/brought/directories" >"$record/placed.new" || return
  while IFS= read -r path; do
    if [ -e "$directory/$path" ] || [ -L "$directory/$path" ]; then
      save_old "$path" || return
      printf 'old %s\n' "$path"
    else
      printf 'new %s\n' "$path"
    fi
  done <"$run/brought/differ" >>"$record/placed.new" || return
  ! must_recreate || : >"$record/recreate" || return
  put "$record/brought" "$brought_hash" && mv "$record/placed.new" "$record/placed"
}

# Some file systems have no links, and some owners' files may not be linked.
save_old() { # PATH
  mkdir -p "$record/old/${1%/*}" || return
  ln "$directory/$1" "$record/old/$1" 2>/dev/null || cp -p -P "$directory/$1" "$record/old/$1"
}

# What was brought for the release that runs is known, or whatever differs counts.
must_recreate() {
  local name rest verified before
  while read -r name rest; do
    verified=$(release_of "$name")
    before=''
    [ -z "$verified" ] || before=$(value_of brought "$verified/release")
    if [ -n "$before" ] && [ "$before" != "$brought_hash" ]; then return 0; fi
    if [ -z "$before" ] && [ -s "$run/brought/differ" ]; then return 0; fi
  done <"$record/services"
  return 1
}

# A rename each, within the file system.
put_in_place() {
  local kind path
  while read -r kind path; do
    [ "$kind" = dir ] || continue
    mkdir "$directory/$path" && chmod "$(stat -c %a "$directory")" "$directory/$path" && belongs "$directory/$path" || return
  done <"$record/placed"
  while IFS= read -r path; do
    belongs "$run/brought/files/$path" && mv -f "$run/brought/files/$path" "$directory/$path" || return
  done <"$run/brought/differ"
}

belongs() { [ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$directory")" "$1"; }

# As often as it takes: what is back is put back again.
put_brought_back() {
  local kind path dirs=''
  [ -e "$record/placed" ] || return 0
  while IFS=' ' read -r kind path <&5; do
    case $kind in
      old) put_old_back "$path" ;;
      new) rm -f "$directory/$path" ;;
      dir) dirs=$path$newline$dirs ;;
    esac || { fail "$directory/${path#./} could not be put back"; return; }
  done 5<"$record/placed"
  local IFS="$newline"
  for path in $dirs; do rmdir "$directory/$path" 2>/dev/null; done
  return 0
}

put_old_back() { # PATH
  local old=$record/old/$1 part=$directory/$1.slipway
  if [ "$old" -ef "$directory/$1" ] && [ ! -L "$old" ]; then return 0; fi
  rm -f "$part"
  { ln "$old" "$part" 2>/dev/null || cp -p -P "$old" "$part"; } && mv -f "$part" "$directory/$1"
}

recreation() { [ ! -e "$record/recreate" ] || printf '%s\n' --force-recreate; }

# What the release was verified with, for the next one to compare.
brought_line() { [ ! -e "$record/brought" ] || echo "brought $(cat "$record/brought")"; }
