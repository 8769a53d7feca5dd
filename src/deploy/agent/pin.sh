# shellcheck shell=dash disable=SC2154,SC2034
# Tags the pushed digest with the image reference that the compose file declares, so that Compose runs it, and a later
# `docker compose up -d` by hand does not recreate the service.

pin_references() {
  step pin "Pin $(listed "$(each_once "$(each_service print_declared)")")" || return
  : >"$record/pinned" || { record_unwritable; return; }
  each_service pin_service
}

pin_service() {
  [ "$new" != - ] || return 0
  ask tag "$(kept_name "$name" "$new")" "$declared" || { log_error; fail not-pinned "$declared cannot be pinned to $new"; }
}

print_declared() { [ "$new" = - ] || echo "$declared"; }

restore_pins() {
  # If nothing was pinned, the engine may be away.
  [ -e "$record/pinned" ] || return 0
  each_service restore_pin || return
  is_undone "$record/pinned"
}

restore_pin() { [ "$new" = - ] || point "$declared" "$pointer" || fail not-restored "$declared could not be restored"; }

# In this order, because the uploaded files were placed last, and may include the .env.
restore_settings() { restore_files && restore_variables; }

point() { # REFERENCE IMAGE-ID|-
  if [ "$2" = - ]; then
    ! ask image inspect --format . "$1" >/dev/null || ask rmi "$1" >/dev/null
  else
    ask tag "$2" "$1"
  fi || { log_error; return 1; }
}
