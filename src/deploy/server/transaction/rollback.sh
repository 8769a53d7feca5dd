# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016
# Puts back what ran: image, .env, number of containers, and the compose files where those in place are others.

roll_back() {
  failed_stage=${failed_stage:-$stage} why_failed=${why_failed:-$reason} outcome=broken
  if [ "$(value_of rollback "$record/run")" = false ]; then
    say '  Not rolled back, as `rollback` is off.'
    return
  fi
  make_room
  step rollback "Roll back to $(listed "$(old_releases "$record")")"
  engine_answers || await_engine || return
  put_settings_back
  bring_back || return
  if ! ran_before "$record"; then
    outcome=$(if had_before "$record"; then echo rolled-back; else echo removed; fi)
  elif gate old && verify_old; then
    outcome=rolled-back
  fi
  put_settings_back || outcome=broken
}

bring_back() {
  local name declared new replicas kind grace old old_reference kept pointer count ran
  while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&3; do
    if [ "$old" = - ]; then remove_service; else restore_service; fi || return
  done 3<"$record/services"
}

# There was nothing before.
remove_service() {
  local ids
  ids=$(containers_of "$name") || return
  [ -z "$ids" ] || ask rm -f -v $ids >/dev/null || { told; fail "$name could not be removed"; return; }
  point "$declared" "$pointer"
  say "  Removed $name: there was nothing before."
}

# The very containers that ran are the best that can come back; where Compose has removed one, it makes them anew.
restore_service() {
  repin || return
  if all_there; then return_containers; else make_anew; fi
}

# Under the reference that Compose will find declared; the .env is back by now.
repin() {
  local service reference to=$declared
  while read -r service reference; do
    [ "$service" != "$name" ] || to=$reference
  done 2>/dev/null <"$record/former"
  ask tag "$old" "$to" || { told; fail 'the image that ran is gone'; return; }
  [ "$to" = "$declared" ] || point "$declared" "$pointer"
}

all_there() {
  local service container rest
  while read -r service container rest; do
    [ "$service" = "$name" ] || continue
    ask inspect --type container --format . "$container" >/dev/null || return
  done <"$record/containers"
}

return_containers() {
  local container service title status rest
  for container in $(containers_of "$name"); do
    is_recorded "$container" || ask rm -f "$container" >/dev/null || return
  done
  tidy_service
  while read -r service container title status rest <&5; do
    [ "$service" = "$name" ] || continue
    case $status in
      running | restarting) ask start "$container" >/dev/null ;;
      *) ask stop "$container" >/dev/null ;;
    esac || { told; fail "$title could not be started again"; return; }
  done 5<"$record/containers"
}

make_anew() {
  local code=0
  tidy_service
  if files_differ "$record/files/$name"; then
    say "  $name: with the compose files that it ran with"
    file_options=$(options_for "$record/files/$name")
  fi
  set -- "$name"
  [ "$count" = "$replicas" ] || set -- --scale "$name=$count" "$name"
  compose_up 3 $(recreation) "$@" || code=$?
  file_options=''
  [ "$ran" != 0 ] || ask stop $(containers_of "$name") >/dev/null
  return "$code"
}

old_releases() { # RECORD
  local name declared new replicas kind grace old old_reference rest
  while read -r name declared new replicas kind grace old old_reference rest; do
    if [ "$old" = - ]; then echo "$name to nothing"; else bare "$old_reference" "$old"; fi
  done <"$1/services"
}

ran_before() { # RECORD
  local name declared new replicas kind grace old old_reference kept pointer count ran
  while read -r name declared new replicas kind grace old old_reference kept pointer count ran; do
    [ "$ran" = 0 ] || return 0
  done <"$1/services"
  return 1
}

had_before() { # RECORD
  local name declared new replicas kind grace old rest
  while read -r name declared new replicas kind grace old rest; do
    [ "$old" = - ] || return 0
  done <"$1/services"
  return 1
}
