# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# The other services of a whole project. They have no digest (`-`) in record/services; Compose recreates those that
# changed and keeps the rest. A service that was recreated is gated and rolled back like the release. One that was not
# may have been broken before, so it has no influence on the verdict. Orphans are stopped with the old release, and
# removed once the new one is verified.

# For the service of the current line of each_service.
is_gated() {
  [ "$new" != - ] || { [ "$kind" != orphan ] && [ -n "$(line_of "$name " "$record/touched")" ]; }
}

# Appends lines of `SERVICE new|anew` (created, recreated) to record/touched. A rollback does not remove them.
note_touched() {
  [ -n "$(each_service print_other)" ] || return 0
  snapshot || return
  each_service note_service >>"$record/touched" || record_unwritable
}

print_pinned() { [ "$new" = - ] || echo "$name"; }

print_other() { [ "$new" != - ] || [ "$kind" = orphan ] || echo "$name"; }

note_service() {
  local ids
  if [ "$new" != - ] || [ "$kind" = orphan ] || is_gated; then return 0; fi
  ids=$(ids_in_snapshot)
  if [ "$old" = - ]; then
    [ -z "$ids" ] || printf '%s new\n' "$name"
  elif ! all_recorded; then
    printf '%s anew\n' "$name"
  fi
}

# Returns whether the containers are exactly the recorded ones.
all_recorded() {
  local id service container rest
  for id in $ids; do is_recorded "$id" || return; done
  while read -r service container rest; do
    [ "$service" != "$name" ] || case $newline$ids$newline in *"$newline$container$newline"*) ;; *) return 1 ;; esac
  done <"$record/containers"
}

stop_orphans() { snapshot && each_service stop_orphan; }

stop_orphan() {
  local ids
  [ "$kind" = orphan ] || return 0
  ids=$(ids_in_snapshot)
  [ -z "$ids" ] || ask stop $ids >/dev/null || { log_error; fail container-not-stopped "$name could not be stopped"; }
}

# Removes orphans once no rollback is possible any more. Their volumes are kept.
remove_orphans() { each_service remove_orphan; }

remove_orphan() {
  local ids
  [ "$kind" = orphan ] || return 0
  ids=$(containers_of "$name") && { [ -z "$ids" ] || ask rm -f $ids >/dev/null; } || {
    log_error
    say "  $name could not be removed."
    return 0
  }
  say "  Removed $name, which the compose files no longer define."
  [ "$kept" = - ] || remove_kept_image "$kept"
  rm -rf "$state/releases/$name"
}

print_removed() { [ "$kind" != orphan ] || printf 'changed %s removed\n' "$name"; }

# Prints what became of the other services, for the summary.
changed_others() {
  local line
  each_service print_removed
  [ ! -e "$record/touched" ] || while IFS= read -r line; do printf 'changed %s\n' "$line"; done <"$record/touched"
}
