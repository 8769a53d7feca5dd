# shellcheck shell=dash disable=SC2154,SC2034,SC2015
# Files and settings that travel with the image. $run/payload contains `files`, a tree for the project directory;
# `prints`, their checksums (lines of `SHA-256  ./PATH`); and `settings`, one file per line of the env file. They are
# checked in the state in which they will be, recorded with the files that they replace, and moved into place by rename:
# see place-payload.sh.

superseded='' shadow='' payload_hash=''
carriage=$(printf '\r')

# Unpacks an archive from stdin, whole or not at all: its last entry marks it as complete.
stage() {
  local part="$run/payload.$$"
  # Another user's deploy may have to remove the directory; the files are protected by their own modes.
  umask "$(private_umask)"
  drop_transfers
  mkdir "$part" && tar -xpof - -C "$part" && [ -e "$part/whole" ] && mkdir -p "$part/files" &&
    own_directories "$part" && mv "$part" "$run/payload" && return
  rm -rf "$part"
  return 1
}

# Removes complete and partial uploads: the process that unpacked them may have been killed.
drop_transfers() {
  set +f
  rm -rf "$run/payload" "$run/payload".[0-9]*
  set -f
}

# Removes all temporary files of the payload at the end of a run.
drop_staged() {
  drop_transfers
  rm -rf "$run/shadow" "$run/files" "$run/hook" "$run/hook.code" "$run/hook.log"
}

# Checks the project with the uploaded files, under the lock and before anything is touched.
check_payload() {
  local code=0
  [ -d "$run/payload" ] || return 0
  step check 'Check the uploaded files' && prepare_payload || return
  file_options=$(shadow_options)
  (cd "$shadow" && within 60 compose config -q) >/dev/null 2>"$run/error" || code=$?
  if [ "$code" = 0 ]; then declare_again; else log_error_without_values "$shadow"; fi
  file_options=''
  rm -rf "$run/shadow"
  [ "$code" = 0 ] || fail config-invalid 'Compose rejects the project with the uploaded files'
}

prepare_payload() {
  merge_settings && refuse_unsafe_paths || return
  rm -rf "$run/payload/settings"
  make_shadow || fail not-writable "the files cannot be prepared in $run"
}

make_shadow() {
  shadow=$run/shadow$directory
  rm -rf "$run/shadow"
  mkdir -p "$shadow" && link_payload && fill_shadow "$run/shadow" "$directory"
}

# Links a directory that does not exist yet as a whole.
link_payload() (
  set +f
  cd "$run/payload/files" || exit
  for entry in * .[!.]* ..?*; do
    if [ ! -e "$entry" ]; then continue; fi
    if [ -d "$entry" ] && [ ! -e "$directory/$entry" ]; then
      ln -s "$PWD/$entry" "$shadow/"
    else
      cp -R -l "./$entry" "$shadow/"
    fi || exit
  done
)

shadow_options() {
  local file IFS="$newline"
  for file in $compose_files; do
    [ ! -e "$run/shadow$file" ] || file=$run/shadow$file
    printf '%s\n%s\n' -f "$file"
  done
}

# Logs the error of Compose without the values of variables.
log_error_without_values() { # DIRECTORY
  local text
  text=$(tail -n 5 "$run/error" | without_values "$1/$settings_file")
  printf '%s\n' "$text" >"$run/error"
  indented <"$run/error"
}

recreation() { [ ! -e "$record/recreate" ] || printf '%s\n' --force-recreate; }

# The checksum of the payload, with which the next deploy compares its own. The key on disk predates the word payload.
payload_line() { [ ! -e "$record/brought" ] || echo "brought $(cat "$record/brought")"; }
