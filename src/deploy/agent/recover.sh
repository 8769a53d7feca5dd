# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# What settling a change comes to on a single server (settle.sh): whether its release holds, and what has become of those
# that broke.

take_change_over() { take_cover_over; take_beside_over; }

# Changes that broke.
settle_the_rest() {
  local left
  while IFS= read -r left <&8; do
    [ -z "$left" ] || settle_by_its_script "$left"
  done 8<<LINES
$(newest_first "$state/broken")
LINES
  rmdir "$state/broken" 2>/dev/null
  # A change that broke may have left them as all that serves.
  [ -d "$state/broken" ] || uncover
}

release_holds() { new_holds && replace_old && await_ports "$rehearsed"; }

# Old containers that are there beside the new ones are not looked at.
new_holds() {
  local old_ones
  old_ones=$(recorded_ids)
  snapshot && verify_release && has_all && gate new
}

# Compose may have been cut with some of them up. What is kept already was seen to have them.
has_all() { [ "$failed_stage" = keep ] || each_service service_has_all; }

service_has_all() {
  if [ "$new" = - ]; then
    [ "$failed_stage" != up ] || fail incomplete "it is unknown whether Compose updated $name"
    return
  fi
  [ "$(number_of "$name")" = "$(wanted)" ] || { fail incomplete "some containers of $name are missing"; return; }
  [ ! -e "$record/recreate" ] || was_recreated || fail incomplete "$name was not recreated"
}

# With the same image, only the containers tell whether Compose came to it.
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

# A broken one may have been put right by hand meanwhile: what serves is left alone. Where `rollback` is off, what is
# broken was left so on purpose.
settle_broken() { # STAGE
  local patience="$wait_timeout"
  # What serves was not touched: all that is left is what could not be put back then.
  if was_untouched "$1"; then settle_untouched; return; fi
  [ "$(value_of rollback "$record/run")" != false ] || return 0
  wait_timeout=5
  if ! gate new; then
    wait_timeout=$patience
    roll_back
  elif only_settings_are_left "$1"; then
    if restore_settings && restore_older "$record"; then outcome=rolled-back; else outcome=broken; fi
  else
    say '  The service is healthy again: someone has repaired it.'
    rm -rf "$record"
  fi
}

# The rollback came as far as the containers, and had no room for what they run with.
only_settings_are_left() { # STAGE
  ran_before "$record" && quietly verify_old && { ! quietly runs_new || { [ "$1" = rollback ] && ran_with_these; }; }
}

# With the same image before and after, the configuration tells.
ran_with_these() { each_service ran_with_this; }
ran_with_this() { [ "$(hash_of_running "$name")" = "$(hash_of "$name" "$record")" ]; }

quietly() { ("$@") 6>/dev/null; }
