# shellcheck shell=dash disable=SC2154,SC2034
# The project that `rollback-to` restores may differ from the current one, which preflight has read: another image
# reference, or other ports and volumes, for which a strategy was chosen.

# The services for which the strategy was not chosen with the restored files, one per line.
reshaped=''

declare_again() {
  local list='' current='' restored=''
  [ -n "$rollback_to" ] || return 0
  if [ -n "$relay_ports$start_first" ]; then
    restored=$( (cd "$shadow" && full_config) | shapes_in_config)
    current=$( (file_options='' && full_config) | shapes_in_config)
  fi
  (cd "$shadow" && full_config) | images_in_config >"$run/declared"
  each_ordered declare_service
  services=$list
  rm -f "$run/declared"
}

# With all profiles, because `service` may name a service whose profile is not active. Compose may reject one that is not
# to be deployed, for example if its env_file is missing.
full_config() { compose_config || within 60 compose config 2>/dev/null; }

declare_service() {
  local found
  found=$(value_of "$name" "$run/declared")
  list="$list$name ${found:-$declared} $new $replicas $kind $grace$newline"
  found=$(shape_of "$restored")
  [ -n "$found" ] && [ "$found" = "$(shape_of "$current")" ] || reshaped=$reshaped$name$newline
}

is_reshaped() { case $newline$reshaped in *"$newline$name$newline"*) ;; *) return 1 ;; esac }

# Pipes, because a healthcheck may contain a secret, and bash writes a here-document to a file.
shape_of() { # LINES
  printf '%s\n' "$1" | beginning_with "$name"
  printf '%s\n' "$1" | beginning_with '*'
}

# Reads the output of `compose config`. Prints what the choice of a strategy depends on: lines of `SERVICE TEXT`, or `*
# TEXT` if it concerns other services, too.
shapes_in_config() {
  local line part='' name='' of=''
  while IFS= read -r line; do
    case $line in *"$run/shadow/"*) line=${line%%"$run/shadow/"*}/${line#*"$run/shadow/"} ;; esac
    case $line in
      '     '* | '    - '* | '') ;;
      '    network_mode:'* | '    volumes_from:'*) of="* $name" ;;
      '    container_name:'* | '    healthcheck:'* | '    mac_address:'* | '    networks:'* | '    ports:'* | '    volumes:'*) of=$name ;;
      '    '*) of='' ;;
      '  '*:) name=${line%:} name=${name#  } of=$name ;;
      *) part=$line name='' of='' ;;
    esac
    [ "$part" != services: ] || [ -z "$of" ] || printf '%s\n' "$of $line"
  done
}

# Reads lines of `SERVICE IMAGE` from the output of `compose config`, which has one fixed form.
images_in_config() {
  local line part='' name=''
  while IFS= read -r line; do
    case $line in
      '    image: '*) [ "$part" != services: ] || [ -z "$name" ] || printf '%s\n' "$name ${line#*: }" ;;
      '   '*) ;;
      '  '*:) name=${line%:} name=${name#  } ;;
      *) part=$line name='' ;;
    esac
  done
}
