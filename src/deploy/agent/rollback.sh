# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016
# Restores what ran before: image, .env file, number of containers, and the compose files if those in place differ.

roll_back() {
  restore_release
  [ "$outcome" != broken ] || note_second_failure
  remove_relay_unless_broken "$outcome"
}

restore_release() {
  note_failure
  outcome=broken
  if [ "$(value_of rollback "$record/run")" = false ]; then
    left_as_is=yes
    say '  Not rolled back: `rollback` is false.'
    return
  fi
  free_reserve
  step rollback "$(rollback_title "$record")"
  [ ! -d "$record" ] || put "$record/stage" rollback || :
  # The record keeps the stage `rollback`, whatever stages follow: no later run may go forward again.
  recorded=''
  engine_answers || await_engine || return
  remove_new_containers
  [ ! -d "$record" ] || note_touched || return
  restore_settings && restore_older "$record"
  restore_services || return
  if ! ran_before "$record"; then
    outcome=$(if had_before "$record"; then echo rolled-back; else echo removed; fi)
  elif gate old && verify_old; then
    outcome=rolled-back
  fi
  if [ "$outcome" = removed ]; then remove_dependencies || outcome=broken; fi
  restore_settings && restore_older "$record" || outcome=broken
  reload_restored_proxy
}

restore_services() {
  local failed=''
  each_service restore_or_remove || return
  [ -z "$failed" ] || restore_together || return
  restore_references
}

restore_or_remove() { if [ "$old" = - ]; then remove_service; else restore_service || failed=yes; fi; }

# Compose can change something that several services share, such as a network whose old configuration returns, only
# while none of them uses it. So this recreates all services that ran at once.
restore_together() {
  local names='' scales='' code=0
  [ "$reason_code" = compose-failed ] || return
  each_service add_to_joint_up
  case $names in ' '*' '*) ;; *) file_options=''; return 1 ;; esac
  say "  Trying again with all services together:$names"
  other_services=''
  compose_up 3 --force-recreate $scales $names || code=$?
  file_options=''
  return "$code"
}

add_to_joint_up() {
  if [ "$old" = - ] || [ "$ran" = 0 ] || [ "$kind" = one-shot ] || ! is_gated; then return 0; fi
  tidy_service
  [ -n "$names" ] || use_kept_files
  names="$names $name"
  [ "$count" = "$replicas" ] || scales="$scales --scale $name=$count"
}

# The service did not exist before.
remove_service() {
  local ids
  ids=$(containers_of "$name") || return
  [ -z "$ids" ] || ask rm -f -v $ids >/dev/null || { log_error; fail container-not-removed "$name could not be removed"; return; }
  point "$declared" "$pointer"
  say "  Removed $name: it did not run before."
}

# Restarts the very containers that ran. If Compose has removed one or disconnected it from its networks, or if one does
# not start, recreates them.
restore_service() {
  tag_old_image || return
  if ! all_exist; then recreate_service
  elif ! all_connected; then recreate_service --force-recreate
  else restart_containers || recreate_service --force-recreate
  fi
}

# Tags the old image with every reference that Compose may find: the .env file is restored by now, but the compose file
# may be the new one.
tag_old_image() {
  local service reference
  is_gated || return 0
  ask tag "$old" "$declared" || { log_error; fail image-gone "the previous image of $name is no longer on the server"; return; }
  while read -r service reference <&5; do
    [ "$service" != "$name" ] || ask tag "$old" "$reference" || { log_error; fail not-restored "$reference could not be restored"; return; }
  done 5<"$record/former"
}

# If only the new release uses a reference, restores what the reference meant before.
restore_references() { each_service restore_reference; }

restore_reference() {
  if [ "$old" = - ] || ! is_gated || ! had_other_reference || any_uses "$declared"; then return 0; fi
  point "$declared" "$pointer" || fail not-restored "$declared could not be restored"
}

had_other_reference() { [ -n "$(line_of "$name " "$record/former")" ]; }

# Whether a container of any of the services was created from a reference.
any_uses() { # REFERENCE
  local used ids
  snapshot || return
  ids=$(each_service ids_in_snapshot)
  [ -n "$ids" ] || return
  for used in $(ask inspect --format '{{.Config.Image}}' $ids); do
    [ "$used" != "$1" ] || return 0
  done
  return 1
}

all_exist() {
  local service container rest
  while read -r service container rest; do
    [ "$service" = "$name" ] || continue
    ask inspect --type container --format . "$container" >/dev/null || return
  done <"$record/containers"
}

# Records of earlier versions do not have the networks.
all_connected() {
  local service container rest before
  [ -e "$record/networks" ] || return 0
  while read -r service container rest <&5; do
    [ "$service" = "$name" ] || continue
    before=$(line_of "$container" "$record/networks")
    [ -n "$before" ] || continue
    [ "$(ask inspect --format "$networks_format" "$container")" = "$before" ] || { say "  $name has lost a network: recreating it."; return 1; }
  done 5<"$record/containers"
}

restart_containers() {
  local container service title status rest
  for container in $(containers_of "$name"); do
    is_recorded "$container" || ask rm -f "$container" >/dev/null || return
  done
  tidy_service
  while read -r service container title status rest <&5; do
    [ "$service" = "$name" ] || continue
    case $status in
      running | restarting) [ "$kind" = one-shot ] || ask start "$container" >/dev/null ;;
      *) ask stop "$container" >/dev/null ;;
    esac || { log_error; fail container-not-started "$title could not be started again"; return; }
  done 5<"$record/containers"
}

# Creates services that did not run, and one-shot services, without starting them.
recreate_service() { # [OPTION]
  local code=0
  tidy_service
  use_kept_files
  set -- "$@" "$name"
  [ "$count" = "$replicas" ] || set -- --scale "$name=$count" "$@"
  other_services=''
  [ -z "$waves" ] || other_services=$(for each in $(names_of "$record"); do [ "$each" = "$name" ] || printf '%s ' "$each"; done)
  if [ "$ran" = 0 ] || [ "$kind" = one-shot ]; then create_only=--no-start; fi
  compose_up 3 $(recreation) "$@" || code=$?
  file_options='' create_only=''
  return "$code"
}

use_kept_files() {
  files_differ "$record/files/$name" || return 0
  say "  $name: using the compose files of the previous release"
  file_options=$(options_for "$record/files/$name")
}

# Names the services that are rolled back, and those that are removed because nothing ran before.
rollback_title() { # RECORD
  local record="$1" restored='' removed=''
  each_service add_to_title
  echo "${restored:+Roll back $restored}${restored:+${removed:+, }}${removed:+Remove $removed, which did not run before}"
}

add_to_title() {
  if [ "$new" = - ]; then return 0; fi
  if [ "$old" = - ]; then removed=$removed${removed:+ and }$name
  else restored=$restored${restored:+ and }"$name to $(reference_or_id "$old_reference" "$old")"; fi
}

ran_before() { # RECORD
  local record="$1"
  ! each_service did_not_run
}
did_not_run() { [ "$ran" = 0 ]; }

had_before() { # RECORD
  local record="$1"
  ! each_service was_not_there
}
was_not_there() { [ "$old" = - ]; }
