# shellcheck shell=dash disable=SC2154,SC2034
# Changes that failed and could not be undone: broken/ID is the record of each. Until a change succeeds, what ran before
# them is the release that later runs restore.

# Prints the broken record that contains a service, if there is one.
broken_record_of() { # SERVICE
  local left found=''
  set +f
  for left in "$state/broken/"*/; do
    [ -z "$(lines_of "$1" "${left}services")" ] || found=${left%/}
  done
  set -f
  printf '%s\n' "$found"
}

take_over() { # BROKEN RECORD
  local what line _
  read -r _ _ _ _ _ old old_reference kept _ count ran <<LINES
$(lines_of "$name" "$1/services")
LINES
  for what in containers former; do
    lines_of "$name" "$1/$what" | while read -r line; do printf '%s\n' "$name $line"; done >>"$2/$what" || return
  done
  [ ! -e "$1/networks" ] || cat "$1/networks" >>"$2/networks" || return
  take_files_over "$1" "$2" && cp -p -R "$1/files/$name" "$2/files/$name" && say "  $name: $(shown_release), from before a failed deploy"
}

# The files that the broken change uploaded are still in place, so a rollback has to undo them, too. If this is
# interrupted, no record exists yet.
take_files_over() { # BROKEN RECORD
  local to entry
  to=$2/before/$(value_of id "$1/run")
  [ ! -d "$to" ] || return 0
  mkdir -p "$to" || return
  for entry in run placed old env-before env-absent before; do
    [ ! -e "$1/$entry" ] || cp -p -R "$1/$entry" "$to/$entry" || return
  done
  share "$2/before" "$to"
}

# Each change replaced files of the one before it, so the newest is undone first. A run ID begins with its start time.
newest_first() { # DIRECTORY
  local entry list=''
  set +f
  for entry in "$1"/*/; do [ ! -d "$entry" ] || list=${entry%/}$newline$list; done
  set -f
  printf '%s' "$list"
}

restore_older() { # RECORD
  local left lefts record
  lefts=$(newest_first "$1/before")
  while IFS= read -r left <&8; do
    [ -d "$left" ] || continue
    record=$left
    restore_settings && restore_older "$record" || return
  done 8<<LINES
$lefts
LINES
}

# Once a change has succeeded or was rolled back, the broken records of its services are obsolete.
drop_broken() {
  each_service drop_broken_of_service
  rmdir "$state/broken" 2>/dev/null || :
}

drop_broken_of_service() {
  local left
  left=$(broken_record_of "$name")
  while [ -n "$left" ]; do
    drop_service "$name" "$left"
    left=$(broken_record_of "$name")
  done
}

drop_service() { # SERVICE RECORD
  local service rest others=''
  while read -r service rest; do
    [ "$service" = "$1" ] || others=$others$service\ $rest$newline
  done <"$2/services"
  if [ -z "$others" ] || ! put "$2/services" "${others%"$newline"}"; then rm -rf "$2"; fi
}

# --- The shadows that these changes left. They may be all that serves.

# Prints lines of `SERVICE RECORD`, those of the newest change first, except for the listed services.
left_shadows() { # SERVICES
  local left name
  newest_first "$state/broken" | while IFS= read -r left; do
    [ "$left" != "$record" ] && [ -e "$left/shadows/services" ] || continue
    for name in $(names_of "$left/shadows"); do
      case $newline$1$newline in *"$newline$name$newline"*) continue ;; esac
      [ -z "$(lines_of "$name" "$left/services")" ] || printf '%s\n' "$name $left"
    done
  done
}

# Prints their IDs.
kept_shadows() { # SERVICES
  local name left
  while read -r name left <&8; do
    [ -z "$name" ] || ask ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" \
      --filter "label=slipway.shadow=$(value_of id "$left/run")" --filter "label=com.docker.compose.service=$name" || return
  done 8<<LINES
$(left_shadows "$1")
LINES
}

# Prints only the lines of those that get requests: their rules have not expired, and no newer change has replaced them.
serving_shadows() { # SERVICES
  local name left until seen="$newline"
  left_shadows "$1" | while read -r name left; do
    case $seen in *"$newline$name$newline"*) continue ;; esac
    until=$(cat "$left/shadows/until" 2>/dev/null)
    is_time "$until" && [ "$until" -gt "$(date +%s)" ] || continue
    seen=$seen$name$newline
    printf '%s\n' "$name $left"
  done
}

kept_rules() { # LINES of `SERVICE RECORD`
  local name left record relay_ports
  while read -r name left <&8; do
    [ -n "$name" ] || continue
    record=$left relay_ports=$(cat "$left/shadows/ports")
    rules_of "$name"
  done 8<<LINES
$1
LINES
}

# Sends new requests to them again, instead of the shadows of this change.
redirect_to_kept() { # SERVICES
  local lines
  lines=$(serving_shadows "$1")
  [ -n "$lines" ] || return
  relay_rules=''
  apply_rules "$lines" || { reason='' reason_code=''; return 1; }
}

note_expiry() { # SECONDS LINES of `SERVICE RECORD`
  local name left
  [ -z "$relay_rules" ] || [ ! -d "$record/shadows" ] || put "$record/shadows/until" "$1" || return
  while read -r name left; do
    [ -z "$name" ] || put "$left/shadows/until" "$1" || return
  done <<LINES
$2
LINES
}
