# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Settles changes on a single server (see settle.sh): checks whether an interrupted release is healthy, and whether
# changes that broke have been repaired.

load_change() { load_relay; load_start_first; }

# Settles the changes that broke.
settle_broken_changes() {
  local left
  while IFS= read -r left <&8; do
    [ -z "$left" ] || settle_by_its_script "$left"
  done 8<<LINES
$(newest_first "$state/broken")
LINES
  rmdir "$state/broken" 2>/dev/null
  # If a change broke, its shadows may be all that serves, so they stay while there is one.
  [ -d "$state/broken" ] || withdraw_shadows
}

release_is_healthy() { new_is_healthy && replace_old && await_ports "$rehearsed"; }

# Ignores old containers that still exist beside the new ones.
new_is_healthy() {
  local old_ones
  old_ones=$(recorded_old_ids)
  snapshot && verify_release && has_all_containers && gate new
}

# Compose may have been interrupted with only some of the containers running. In the stage `keep`, all of them were
# seen.
has_all_containers() { [ "$failed_stage" = keep ] || each_service service_is_complete; }

service_is_complete() {
  if [ "$new" = - ]; then
    [ "$failed_stage" != up ] || fail incomplete "it is unknown whether Compose updated $name"
    return
  fi
  [ "$(number_of "$name")" = "$(wanted_replicas)" ] || { fail incomplete "some containers of $name are missing"; return; }
  [ ! -e "$record/recreate" ] || was_recreated || fail incomplete "$name was not recreated"
}

# If the image is the same as before, only the containers tell whether Compose recreated the service.
was_recreated() {
  local id
  for id in $(containers_of "$name"); do if is_recorded "$id"; then return 1; fi; done
}

number_of() { # SERVICE
  local ids id number=0
  ids=$(containers_of "$1") || return
  for id in $ids; do number=$((number + 1)); done
  echo "$number"
}

# Somebody may have repaired a broken change by hand: a healthy service is left alone. If `rollback` is false, the
# broken release was kept on purpose.
settle_broken() { # STAGE
  local patience="$wait_timeout"
  # The running service was not touched: only the undo has to be finished.
  if was_untouched "$1"; then settle_untouched; return; fi
  [ "$(value_of rollback "$record/run")" != false ] || return 0
  wait_timeout=5
  if ! gate new; then
    wait_timeout=$patience
    roll_back
  elif only_settings_are_left "$1"; then
    if restore_settings && restore_older "$record"; then outcome=rolled-back; else outcome=broken; note_second_failure; fi
  else
    say '  The service is healthy again: someone has repaired it.'
    rm -rf "$record"
  fi
}

# Whether the rollback restored the containers, but had no disk space for their files and settings.
only_settings_are_left() { # STAGE
  ran_before "$record" && quietly verify_old && { ! quietly runs_new || { [ "$1" = rollback ] && configs_match; }; }
}

# If the image is the same before and after, the configuration tells.
configs_match() { each_service config_matches; }
config_matches() { [ "$(hash_of_running "$name")" = "$(hash_of "$name" "$record")" ]; }

quietly() { ("$@") 6>/dev/null; }
