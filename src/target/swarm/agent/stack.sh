# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016,SC2030,SC2031
# The stack as its files declare it, and pins.yaml, which pins it: this file names the pushed digests, and marks every
# service with the run. It stays on the server, for anybody who deploys the stack by hand.

prefix='' environment=/dev/null pins=$state/pins.yaml

# Checks the stack as it will be, under the lock, and before anything is touched.
check_stack() {
  local code=0 whole="$run/swarm/stack.yaml" at="$directory"
  if [ -d "$run/payload" ]; then
    step check 'Check the uploaded files' && prepare_payload || return
    at=$shadow
  fi
  if [ -n "$compose_files" ]; then
    [ "$at" != "$directory" ] || step check 'Read the stack file' || return
    (umask 077 && call_stack "$at" 60 config >"$whole" 2>"$run/error") || code=$?
    if [ "$code" = 0 ]; then read_stack "$whole"; else log_error_without_values "$at"; fi
    rm -f "$whole"
  fi
  rm -rf "$run/shadow"
  [ "$code" = 0 ] || fail config-invalid "Docker rejects the stack file: $(tail -n 1 "$run/error")"
}

# Runs docker stack COMMAND with the files of the stack, in the project's directory or in its shadow. The env file is
# read as data, and becomes the environment of docker.
call_stack() ( # DIRECTORY SECONDS COMMAND ARGUMENT…
  at=$1 limit=$2 command=$3 files='' IFS="$newline"
  shift 3
  cd "$at" || exit
  for file in $compose_files; do
    [ "$at" = "$directory" ] || [ ! -e "$run/shadow$file" ] || file=$run/shadow$file
    files=$files-c$newline$file$newline
  done
  set -- "$limit" stack "$command" $files "$@"
  unset IFS
  [ ! -e "$settings_file" ] || environment=$settings_file
  call_authorized "$@"
)

# docker prints the configuration in a normalized form. Only names and constraints are kept:
#   swarm/services     NAME
#   swarm/constraints  NAME|CONSTRAINT
read_stack() { # FILE
  stack_version=$(grep '^version: ' "$1")
  sed -n '/^services:/,/^[^ ]/s/^  "\{0,1\}\([^ "]*\)"\{0,1\}:$/\1/p' "$1" >"$run/swarm/services"
  # Holds the name of a service until its list of constraints, which ends with the first line that is not an item.
  sed -n '/^services:/,/^[^ ]/{
    /^  [^ ]/{s/[ ":]//g;h;}
    /^        constraints:$/,/^ *[^ -]/{/^ *- /{s/^ *- ["'\'']\{0,1\}//;s/["'\'']$//;G;s/\(.*\)\n\(.*\)/\2|\1/p;};}
  }' "$1" >"$run/swarm/constraints"
}

write_pins() {
  local name pinned
  {
    [ -z "$stack_version" ] || printf '%s\n' "$stack_version"
    echo 'services:'
    while read -r name <&4; do
      printf '  "%s":\n' "$name"
      pinned=$(ordered_image "$name")
      [ -z "$pinned" ] || printf '    image: "%s"\n' "$(deployed_spelling "$name" "$pinned")"
      printf '    deploy: {labels: {slipway.run: "%s"}}\n' "$id"
    done 4<"$run/swarm/services"
  } >"$pins.new" && share "$pins.new" && mv -f "$pins.new" "$pins"
}

ordered_image() { # NAME
  local line
  line=$(value_of "$1" "$record/services")
  line=${line#* }
  printf '%s\n' "${line%% *}"
}
