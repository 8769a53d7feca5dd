# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016
# Start-first, for services behind a reverse proxy. The new containers start beside the old ones, under the same name in
# the same networks, and must pass the gate. Then the old containers are withdrawn from the proxy, drained, stopped by
# ID, and removed. Compose never scales down here: it would remove the containers of the new release.
#   record/beside/services    the lines of record/services that start first
#   record/beside/containers  empty: no container of the new release existed before
#   record/beside/settings    how the containers are withdrawn and the proxy is reloaded, for a run that settles this one
#   record/beside/withdrawn   the old containers may be withdrawn; written before they are: the IDs of those that were
#                             healthy
# Up to the stage `up`, the old containers can take all requests again at any moment.

start_first='' withdraw=health withdraw_words='' proxy_reload='' started_first='' passed=''
# Seconds. If a request fails while a server boots, a proxy avoids the server for 10 s (nginx, `fail_timeout`). A proxy
# that reads the engine's events does so every 2 s.
proxies_find=12 proxies_drop=4

start_beside() {
  choose_beside || return
  [ -n "$started_first" ] || return 0
  step beside "Start the new release of $(listed "$started_first") beside the old one" || return
  create_beside && gate_beside
}

# Chooses the services that start first. A service that is not running has no requests to lose.
choose_beside() {
  started_first=''
  [ -n "$start_first" ] || return 0
  mkdir -p "$record/beside" && : >"$record/beside/services" && : >"$record/beside/containers" &&
    put "$record/beside/settings" "withdraw $withdraw" "withdraw-words $withdraw_words" "proxy-reload $proxy_reload" ||
    { record_unwritable; return; }
  snapshot && each_service choose_to_start_first || return
  started_first=${started_first%"$newline"}
  if [ -n "$started_first" ]; then share "$record/beside" "$record/beside/services" "$record/beside/containers" "$record/beside/settings"; else rm -rf "$record/beside"; fi
}

choose_to_start_first() {
  local why
  case $newline$start_first in *"$newline$name$newline"*) ;; *) return 0 ;; esac
  # Compose would count dead containers as replicas.
  remove_dead
  if [ "$ran" = 0 ]; then why='it is not running yet'
  elif is_reshaped; then why=$other_shape
  elif [ "$ran" != "$count" ]; then why='not all of its containers are running'
  elif ! leaves_old_containers; then why='Compose would change its running containers'
  else
    started_first=$started_first$name$newline replicas=$(wanted_replicas)
    service_line >>"$record/beside/services" || record_unwritable
    return
  fi
  note_recreated
}

# If the configuration of a network has changed, Compose recreates it with every container in it. Older versions of
# Compose leave the network alone, and have no dry run that would tell.
leaves_old_containers() {
  case $(within 60 compose --dry-run up -d --no-deps --no-recreate --no-build $(never_pull) $(scale_beside) "$name" 2>&1) in
    *'  Recreat'* | *'  Remov'* | *'  Stopp'*) return 1 ;;
  esac
}

scale_beside() { printf '%s\n' --scale "$name=$(($(number_of "$name") + $(wanted_replicas)))"; }

create_beside() {
  each_service create_service_beside
}

# Needs the whole record, because `compose_up` reads it.
create_service_beside() {
  case $newline$started_first$newline in *"$newline$name$newline"*) ;; *) return 0 ;; esac
  compose_up 1 --no-recreate --scale "$name=$(($(number_of "$name") + $(wanted_replicas)))" "$name"
}

# Applies the gate and the digest check to the new containers only, with the limits of their services.
gate_beside() {
  local old_ones record="$record/beside" recorded=''
  old_ones=$(recorded_old_ids)
  gate new && verify_release || { stage=beside; return 1; }
  each_service has_all_new_containers
}

has_all_new_containers() { [ "$(number_of "$name")" = "$replicas" ] || fail incomplete "some new containers of $name are missing"; }

# Prints the IDs of the recorded containers of the services that start first.
recorded_old_ids() {
  local name
  for name in $started_first; do lines_of "$name" "${record%/beside}/containers" | cut -d ' ' -f 1; done
}

# Prints those that still exist.
old_containers() {
  local container
  for container in $(recorded_old_ids); do
    ! ask inspect --type container --format . "$container" >/dev/null || echo "$container"
  done
}

new_containers() {
  local name old_ones
  old_ones=$(recorded_old_ids)
  for name in $started_first; do containers_of "$name" || return; done
}

await_proxy_discovery() {
  [ -n "$started_first" ] || return 0
  step beside-proxy "Let the proxy find the new release: $proxies_find s" || return
  reload_proxy || { fail command-failed '`proxy-reload` failed'; return; }
  sleep "$proxies_find"
}

reload_proxy() {
  local code=0
  [ -n "$proxy_reload" ] || return 0
  say "  Run on the server: $proxy_reload"
  printf '%s\n' "$proxy_reload" >"$run/hook" || return
  # Processes that the command leaves behind must hold neither the lock nor our log.
  $limiter "$hook_timeout" sh "$run/hook" </dev/null >"$run/hook.log" 2>&1 9>&- || code=$?
  indented <"$run/hook.log" >&6
  rm -f "$run/hook" "$run/hook.log"
  return "$code"
}

# After uploaded files are restored: among them may be the configuration that the proxy has read in the meantime.
reload_restored_proxy() {
  [ -n "$proxy_reload" ] && [ -e "$record/beside/services" ] && [ -e "$record/placed" ] || return 0
  reload_proxy || say '  `proxy-reload` failed: the proxy may still use the configuration of the new release. Run it by hand.'
}

withdraw_old() {
  [ -n "$started_first" ] || return 0
  step beside-withdraw "Withdraw the old release of $(listed "$started_first")" || return
  put "$record/beside/withdrawn" "$(healthy_of $(old_containers))" || { record_unwritable; return; }
  flush
  withdraw_containers $(old_containers)
}

# Runs the gate for the services that Compose has recreated, while the old containers of the others can still take all
# requests again.
gate_others() {
  local name rest others="$record/others"
  [ -n "$started_first" ] && [ -n "$(not_started_first $(names_of "$record"))" ] || return 0
  mkdir -p "$others" && cp "$record/containers" "$others/containers" && : >"$others/services" &&
    while read -r name rest; do
      [ -z "$(not_started_first "$name")" ] || printf '%s\n' "$name $rest" >>"$others/services" || return
    done <"$record/services" || { record_unwritable; return; }
  gate_part "$others"
}

gate_part() { # RECORD
  local record="$1" recorded=''
  gate new
}

not_started_first() { # NAME…
  local name
  for name in "$@"; do
    case $newline$started_first$newline in *"$newline$name$newline"*) ;; *) echo "$name" ;; esac
  done
}

# Removes the old containers, now that the new ones serve. Runs after the point of no return, and is safe to run again.
replace_old() {
  local ids
  [ -n "$started_first" ] || return 0
  # All new containers have passed the gate.
  passed=yes
  ids=$(old_containers)
  if [ -n "$ids" ]; then
    say "  Stop the old release of $(listed "$started_first")"
    within "$(up_limit "$record")" docker stop $ids >/dev/null 2>"$run/error" || { log_error; fail container-not-stopped "the old containers of $(listed "$started_first") could not be stopped"; return; }
    reload_proxy || say '  `proxy-reload` failed: the proxy may still know the address of the old container. Run it by hand.'
    ask rm -f $ids >/dev/null || { log_error; fail container-not-removed "the old containers of $(listed "$started_first") could not be removed"; return; }
  fi
  rename_new_containers
}

# Gives the names of the old containers to the new ones.
rename_new_containers() {
  local name service container title rest given free id
  snapshot || return
  for name in $started_first; do
    given='' free=''
    while read -r service container title rest; do
      [ "$service" != "$name" ] || free="$free $(bare_name "$title")"
    done <"$record/containers"
    in_snapshot "$name" >"$run/containers"
    while read -r id title rest; do given="$given $title"; done <"$run/containers"
    while read -r id title rest <&5; do
      case " $free " in *" $title "*) continue ;; esac
      for rest in $free; do
        case " $given " in *" $rest "*) continue ;; esac
        ! ask rename "$id" "$rest" || given="$given $rest"
        break
      done
    done 5<"$run/containers"
  done
}

# Undoes start-first, while all old containers still exist: they take all requests again, then the new ones are removed.
# Safe to run again.
remove_new_containers() {
  local started_first="$started_first" container ids olds
  [ -e "$record/beside/services" ] || return 0
  started_first=$(names_of "$record/beside")
  olds=$(recorded_old_ids)
  for container in $olds; do
    ask inspect --type container --format . "$container" >/dev/null || return 0
  done
  return_to_proxy $olds
  ids=$(new_containers) || return
  [ -n "$ids" ] || return 0
  say "  Remove the new containers of $(listed "$started_first")"
  # If the new containers cannot be withdrawn, they are removed all the same.
  if withdraw_containers $ids && [ "$withdraw" != none ]; then sleep "$drain"; fi
  reason='' reason_code=''
  within "$(up_limit "$record")" docker stop $ids >/dev/null 2>&1
  reload_proxy || say '  `proxy-reload` failed: the proxy may still know the address of the new container. Run it by hand.'
  ask rm -f -v $ids >/dev/null || { log_error; fail container-not-removed "the new containers of $(listed "$started_first") could not be removed"; return; }
}

# Restores the settings when a run settles an interrupted change.
load_start_first() {
  [ -e "$record/beside/services" ] || return 0
  started_first=$(names_of "$record/beside")
  withdraw=$(value_of withdraw "$record/beside/settings")
  # Prints the values unchanged: `echo` may interpret a backslash.
  withdraw_words=$(sed -n 's/^withdraw-words //p' "$record/beside/settings")
  proxy_reload=$(sed -n 's/^proxy-reload //p' "$record/beside/settings")
}
