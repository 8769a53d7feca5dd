# shellcheck shell=dash disable=SC2154
# Copies of the compose files and the .env that a service runs with. The old image may not run with the files that a
# later deploy finds in place. A copy has the mode of its original.

# Saves the files of the verified release if it is still running, otherwise the files in place.
save_files() { # SERVICE FROM-RECORD
  local verified
  verified=$(release_of "$1")
  if [ -n "$verified" ] && [ "$(value_of hash "$verified/release")" = "$(hash_of "$1" "$2")" ]; then
    cp -p -R "$verified/files" "$2/files/$1"
  else
    copy_files "$2/files/$1"
  fi && share "$2/files/$1" || fail not-writable "the compose files cannot be copied to $2"
}

# The files are the same for every service, so the project is read once.
copied=''
copy_files() { # TO
  if [ -n "$copied" ] && [ -d "$copied" ]; then cp -p -R "$copied" "$1"; return; fi
  read_project "$1" && copied=$1
}

# The number in the name of a copy keeps the order of the files.
read_project() { # TO
  local file number=10 IFS="$newline"
  mkdir -p "$1" || return
  for file in $read_files; do
    number=$((number + 1))
    # On a first deploy, the files are uploaded later.
    [ ! -e "$file" ] || cp -p "$file" "$1/$number.${file##*/}" || return
  done
  [ -z "$env_file" ] || [ ! -e "$env_file" ] || cp -p "$env_file" "$1/env" || return
  keep_config "$1"
}

# Saves the resolved configuration, which covers `include`, `extends`, `env_file` and COMPOSE_FILE and has absolute
# paths. It contains the values of the env file, so only those who can read the env file can read it.
keep_config() { # TO
  (umask 077 && compose_config >"$1/config.yaml") && share "$1/config.yaml" || rm -f "$1/config.yaml"
  case $(private_umask) in 007) ;; *) return 0 ;; esac
  [ ! -e "$1/config.yaml" ] || case $(stat -L -c %A "$env_file" 2>/dev/null) in '' | ????r*) chmod 660 "$1/config.yaml" ;; esac
}

compose_config() {
  if [ "$compose_major" -ge 2 ]; then within 60 compose --profile '*' config; else within 60 compose config; fi 2>/dev/null
}

# Returns whether the project differs from the saved one.
files_differ() { # COPIES
  if [ -e "$1/config.yaml" ]; then
    [ "$(compose_config | sha256sum)" != "$(sha256sum <"$1/config.yaml")" ]
  else
    copies_differ "$1"
  fi
}

# For copies that have no config.yaml: an earlier version made them, or `compose config` failed.
copies_differ() { # COPIES
  local file number=10 IFS="$newline"
  for file in $read_files; do
    number=$((number + 1))
    same "$file" "$1/$number.${file##*/}" || return 0
  done
  [ -z "$env_file" ] || same "$env_file" "$1/env" || return 0
  return 1
}

same() { # FILE FILE
  [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ] 2>/dev/null
}

# Prints the options that make Compose read the copies, with the project directory as Compose determines it
# (docker/compose#9373).
options_for() { # COPIES
  local copy
  printf '%s\n%s\n' --project-directory "${base:-$directory}"
  if is_config "$1/config.yaml"; then printf '%s\n%s\n' -f "$1/config.yaml"; return; fi
  set +f
  for copy in "$1"/[1-9]*; do [ ! -e "$copy" ] || printf '%s\n%s\n' -f "$copy"; done
  set -f
  [ ! -e "$1/env" ] || printf '%s\n%s\n' --env-file "$1/env"
}

# Some versions of Compose reject the output of their own `config`.
is_config() { # FILE
  [ -e "$1" ] || return
  (file_options="--project-directory$newline${base:-$directory}$newline-f$newline$1" && within 60 compose config -q) >/dev/null 2>&1
}

# Prints the directory of the last verified release of a service, which releases/SERVICE/current names.
release_of() { # SERVICE
  local name
  read -r name 2>/dev/null <"$state/releases/$1/current" || return 0
  [ ! -e "$state/releases/$1/$name/release" ] || printf '%s\n' "$state/releases/$1/$name"
}

hash_of() { line_of "$1 " "$2/containers" | cut -d ' ' -f 7; } # SERVICE RECORD

line_of() { # BEGIN FILE
  local line
  while IFS= read -r line; do
    case $line in "$1"*) printf '%s\n' "$line"; return ;; esac
  done 2>/dev/null <"$2"
}

# Prints the rest of each line that begins with the word.
lines_of() { beginning_with "$1" 2>/dev/null <"$2"; } # FIRST-WORD FILE
beginning_with() { # FIRST-WORD
  local word rest
  while read -r word rest; do
    [ "$word" != "$1" ] || printf '%s\n' "$rest"
  done
}

value_of() { # NAME FILE: of a file with lines of `name value`
  local line
  while IFS= read -r line; do
    case $line in "$1 "*) printf '%s\n' "${line#* }"; return ;; esac
  done 2>/dev/null <"$2"
}

# What a service was verified with; written whole, then pointed at.
keep_release() {
  free_reserve
  copied=''
  step keep 'Save the release for a rollback' || return
  # The project is read first: an engine that went away meanwhile is noticed by who asks it last.
  copy_files "$run/files"
  snapshot && each_service keep_service
  rm -rf "$run/files"
  keep_copied
  keep_project
  remove_orphans
  list_created
}

keep_service() {
  local to="$state/releases/$name/$id"
  if [ "$kind" = orphan ] || write_release; then return 0; fi
  [ "$(release_of "$name")" = "$to" ] || rm -rf "$to"
  say "  $name: could not be saved in $state/releases"
}

write_release() {
  local hash image="$new"
  [ "$new" != - ] || image=$(what_runs "$name" -)
  rm -rf "$to"
  mkdir -p "$to" && share "$state/releases/$name" "$to" && copy_files "$to/files" && share "$to/files" || return
  hash=$(hash_of_running "$name")
  note_release "image $image" "replicas $replicas" "hash $hash"
}

# What the service $name was verified with, and by which run, in $to.
note_release() { # LINE…
  local before
  put "$to/release" "$@" "when $(utc)" "$(payload_line)" \
    "url $(value_of url "$record/run")" "workflow $(value_of workflow "$record/run")" \
    "ref $(value_of ref "$record/run")" "number $(value_of number "$record/run")" || return
  before=$(release_of "$name")
  put "$state/releases/$name/current" "$id" || return
  [ -z "$before" ] || [ "$before" = "$to" ] || rm -rf "$before"
}

hash_of_running() { line_of "$1 " "$run/snapshot" | cut -d ' ' -f 7; } # SERVICE
