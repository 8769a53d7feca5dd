# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016,SC2030,SC2031
# The stack as its files declare it, and the file that pins it: pins.yaml names the pushed digests, and marks every service
# with the run. It stays, for whoever deploys the stack by hand.

prefix='' settings_names=''
pins=$state/pins.yaml
# Of the single server alone.
relay_ports='' drain=0

# As it will be, under the lock, and before anything is touched.
check_stack() {
  local code=0 whole="$run/swarm/stack.yaml" at="$directory"
  mkdir -p "$run/swarm" || { fail not-writable "nothing can be written in $run"; return; }
  if [ -d "$run/brought" ]; then
    step check 'Check what is brought' || return
    merge_settings && refuse_ways_out || return
    rm -rf "$run/brought/settings"
    make_shadow || { fail not-writable "the files cannot be prepared in $run"; return; }
    at=$shadow
  fi
  if [ -n "$compose_files" ]; then
    [ "$at" != "$directory" ] || step check 'Read the stack file' || return
    (umask 077 && cd "$at" && with_settings "$at/$settings_file" 60 stack config $(stack_options "$at") >"$whole" 2>"$run/error") || code=$?
    [ "$code" = 0 ] || told_of_stack "$at"
    [ "$code" != 0 ] || read_stack "$whole"
    rm -f "$whole"
  fi
  rm -rf "$run/shadow"
  if [ "$code" = 0 ]; then return; fi
  fail config-invalid "Swarm does not take the stack file: $(last_error)"
}

last_error() { tail -n 1 "$run/error"; }

# Values may be quoted in what docker says.
told_of_stack() { # DIRECTORY
  local text value
  text=$(tail -n 5 "$run/error")
  text=$(values_in "$1/$settings_file" | {
    while IFS= read -r value; do text=$(without_value "$text" "$value"); done
    printf '%s\n' "$text"
  })
  printf '%s\n' "$text" >"$run/error"
  printf '%s\n' "$text" | indented >&6
}

stack_options() { # DIRECTORY-IN-WHOSE-PLACE
  local file IFS="$newline"
  for file in $compose_files; do
    [ "$1" = "$directory" ] || [ ! -e "$run/shadow$file" ] || file=$run/shadow$file
    printf '%s\n%s\n' -c "$file"
  done
}

# docker prints what it has read in one form: of it only names and constraints are kept.
#   swarm/services     NAME IMAGE
#   swarm/constraints  NAME|CONSTRAINT
read_stack() { # FILE
  local line part='' name='' inner=''
  stack_version=''
  while IFS= read -r line; do
    case $line in
      'version: '*) stack_version=$line ;;
      [!\ ]*) part=$line name='' inner='' ;;
      '  '[!\ ]*:) name=${line%:} name=${name#  } name=${name#\"} name=${name%\"} inner='' ;;
      '    image: '*) [ "$part" != services: ] || [ -z "$name" ] || printf '%s %s\n' "$name" "${line#*: }" >&8 ;;
      '        constraints:') inner=yes ;;
      '        - '* | '          - '*)
        [ -z "$inner" ] || [ "$part" != services: ] || { line=${line#*- } line=${line#[\"\']}; printf '%s|%s\n' "$name" "${line%[\"\']}" >&7; }
        ;;
      *) inner='' ;;
    esac
  done <"$1" 8>"$run/swarm/services" 7>"$run/swarm/constraints"
}

write_pins() {
  local name image pinned
  {
    [ -z "$stack_version" ] || printf '%s\n' "$stack_version"
    echo 'services:'
    while read -r name image <&4; do
      printf '  %s:\n' "$name"
      pinned=$(ordered_image "$name")
      [ -z "$pinned" ] || printf '    image: "%s"\n' "$(as_spelled "$name" "$pinned")"
      printf '    deploy: {labels: {slipway.run: "%s"}}\n' "$id"
    done 4<"$run/swarm/services"
  } >"$pins.new" && share "$pins.new" && mv -f "$pins.new" "$pins"
}

ordered_image() { # NAME
  local name declared new rest
  while read -r name declared new rest; do
    if [ "$name" = "$1" ]; then echo "$new"; return; fi
  done <"$record/services"
}

# --- variables: the env file is read as data, and handed to docker as its environment

with_settings() { # FILE SECONDS ARGUMENT…
  local file="$1"
  shift
  (
    settings_names=''
    [ ! -e "$file" ] || export_settings <"$file"
    call_authorized "$@"
  )
}
