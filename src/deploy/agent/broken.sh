# shellcheck shell=dash disable=SC2154,SC2034
# Changes that broke and could not be taken back: broken/ID is the record of each. What ran before them is what there
# is to go back to, for everyone who comes later.

# The one that a service is part of, if there is one.
broken_record_of() { # SERVICE
  local left found=''
  set +f
  for left in "$state/broken/"*/; do
    [ -z "$(lines_of "$1" "${left}services")" ] || found=${left%/}
  done
  set -f
  echo "$found"
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

# What it brought is in place still: a rollback goes back past that, too. A cut in its midst leaves no record at all.
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

# The later one lies over the earlier one: it has to go first. Runs are named by the time at which they begin.
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

# A change that was decided takes the place of the broken ones of its services.
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
