# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046
# The rehearsal. Copies of the new release ("shadows") run beside the running containers, hidden from traffic, and must
# pass the gate before the service is touched. `docker compose run` creates them, so they have the configuration of
# their service, have no alias in its networks, and do not count as its containers.
#   record/shadows/services    the lines of record/services that are rehearsed
#   record/shadows/containers  empty: no shadow existed before
#   record/shadows/ports       their published ports, as the order lists them
#   record/shadows/until       when the rules that lead to them expire, in seconds since the epoch
#   $state/shadows             there may be shadows; it outlives the record

rehearsed=''

rehearse() {
  choose_rehearsed || return
  [ -n "$rehearsed" ] || return 0
  step rehearse "Rehearse $(listed "$rehearsed"): start the new release beside the running one" || return
  start_shadows && gate_shadows && set_shadow_restart_policy
}

# Chooses the services to rehearse. A service that is not running has no requests to lose.
choose_rehearsed() {
  rehearsed=''
  [ -n "$relay_ports" ] || return 0
  mkdir -p "$record/shadows" && : >"$record/shadows/services" && : >"$record/shadows/containers" &&
    put "$record/shadows/ports" "${relay_ports%"$newline"}" || { record_unwritable; return; }
  each_service choose_to_rehearse || return
  rehearsed=${rehearsed%"$newline"}
  if [ -n "$rehearsed" ]; then share "$record/shadows" "$record/shadows/services" "$record/shadows/containers" "$record/shadows/ports"; else rm -rf "$record/shadows"; fi
}

choose_to_rehearse() {
  local why
  is_relayed "$name" || return 0
  if [ "$ran" = 0 ]; then why='it is not running yet'
  elif is_reshaped; then why=$other_shape
  else
    rehearsed=$rehearsed$name$newline replicas=$(shadow_count "$name")
    service_line >>"$record/shadows/services" || record_unwritable
    return
  fi
  note_recreated
}

# A file, because the verdict has to say so, too.
note_recreated() {
  say "  $name: recreated, because $why"
  printf '%s\n' "recreated $name $why" >>"$record/recreated" && share "$record/recreated" || record_unwritable
}
other_shape='the restored compose files have other ports, volumes or networks'

# Prints lines of `INDEX ADDRESS|* HOST-PORT CONTAINER-PORT`.
ports_of() { # SERVICE
  beginning_with "$1" <<LINES
$relay_ports
LINES
}

is_relayed() { [ -n "$(ports_of "$1")" ]; } # SERVICE

shadow_count() { # SERVICE
  local index rest highest=1
  while read -r index rest; do [ "$index" -le "$highest" ] || highest=$index; done <<LINES
$(ports_of "$1")
LINES
  echo "$highest"
}

# The name has the ID of the run that created the shadow, because the shadows of a run that broke may still be all that
# serves. It never looks like that of a hook's container (`slipway-ID-…`), which is removed when the run is settled.
shadow_name() { echo "$project-$1-slipway-shadow-$(value_of id "$record/run")-$2"; } # SERVICE INDEX

start_shadows() {
  : >"$state/shadows" && share "$state/shadows" || { record_unwritable; return; }
  each_service start_shadows_of_service
}

start_shadows_of_service() {
  local index=0 count
  case $newline$rehearsed$newline in *"$newline$name$newline"*) ;; *) return 0 ;; esac
  count=$(shadow_count "$name")
  while [ "$index" -lt "$count" ]; do
    index=$((index + 1))
    start_shadow || return
  done
}

# Publishes the ports on the addresses of the service, on host ports that the engine chooses, so that the engine's own
# filter accepts the connections.
start_shadow() {
  local code=0 try title policy
  title=$(shadow_name "$name" "$index")
  for try in 1 2 3; do
    code=0
    within 120 compose run -d -T --no-deps $(run_pulls_nothing) --name "$title" --label "slipway.shadow=$id" \
      $(published "$index") "$name" >"$run/error" 2>&1 </dev/null || code=$?
    # The engine may choose a port that an outgoing connection of the server uses.
    [ "$code" != 0 ] || break
    case $(cat "$run/error") in *'address already in use'*) docker rm -f "$title" >/dev/null 2>&1 ;; *) break ;; esac
  done
  [ "$code" = 0 ] || { log_error; fail shadow-not-started "$name could not be started beside the running release (exit code $code)"; return; }
  # If the service has a restart policy, a release that only comes up at the second try may do so here too.
  policy=$(ask inspect --format '{{.HostConfig.RestartPolicy.Name}}' "$(first_line_of "$(containers_of "$name")")")
  case $policy in
    '' | no) ;;
    *) ask update --restart unless-stopped "$title" >/dev/null && ask start "$title" >/dev/null || : ;;
  esac
}

first_line_of() { echo "${1%%"$newline"*}"; } # LINES

published() { # INDEX
  local index address host_port port list=''
  while read -r index address host_port port; do
    [ "$index" = "$1" ] || continue
    case $address in
      '*') set -- "$1" "$port" ;;
      *:*) set -- "$1" "[$address]::$port" ;;
      *) set -- "$1" "$address::$port" ;;
    esac
    case "$list" in *" $2 "*) ;; *) list="$list $2 "; printf '%s\n' --publish "$2" ;; esac
  done <<LINES
$(ports_of "$name")
LINES
}

# Applies the gate and the digest check, as to the service's own containers.
gate_shadows() {
  local shadows_of="$id" record="$record/shadows" recorded=''
  gate new && verify_release && await_ports "$rehearsed" || { stage=rehearse; return 1; }
}

# From here on, the shadows may have to serve through a reboot of the host.
set_shadow_restart_policy() {
  local ids
  ids=$(shadows) && ask update --restart unless-stopped $ids >/dev/null || { log_error; fail shadow-not-started "the restart policy of the rehearsed release of $(listed "$rehearsed") cannot be set"; }
}

# If set, the gate looks at the shadows of this run instead of the service's own containers.
shadows_of=''

shadows() { ask ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=slipway.shadow; }

# A release that started beside the old one has been tried before the switch, too.
if_rehearsed() { [ -z "$rehearsed$started_first" ] || "$@"; } # COMMAND…
unless_rehearsed() { [ -n "$rehearsed$started_first" ] || "$@"; } # COMMAND…

# Without a healthcheck, a container counts as running before its program listens.
await_ports() { # SERVICES
  local name container begin
  while read -r name; do
    [ -n "$name" ] || continue
    for container in $(containers_of "$name"); do
      begin=$(clock)
      until listens "$container"; do
        if past "$begin" "$wait_timeout"; then fail not-listening "$name does not listen on $(container_ports "$name") after $wait_timeout s"; return; fi
        nap
      done
    done
  done <<LINES
$1
LINES
}

container_ports() { # SERVICE
  local index address host_port port list=''
  while read -r index address host_port port; do
    case " $list " in *" $port "*) ;; *) list="$list${list:+ }$port" ;; esac
  done <<LINES
$(ports_of "$1")
LINES
  echo "$list"
}

# Reads the sockets as the container itself sees them. 0A is LISTEN; a socket on 127.0.0.1 is not reachable from
# outside.
listens() { # CONTAINER
  local table port
  table=$(with_host_tools "container:$1" 'cat /proc/net/tcp /proc/net/tcp6 2>/dev/null') || return
  for port in $(container_ports "$name"); do
    listens_in "$table" "$(printf '%04X' "$port")" || return
  done
}

listens_in() { # TABLE PORT-IN-HEX
  local number socket remote status rest
  while read -r number socket remote status rest; do
    case $status:$socket in
      0A:0100007F:*) ;;
      0A:00000000000000000000000001000000:*) ;;
      0A:*:"$2") return 0 ;;
    esac
  done <<LINES
$1
LINES
  return 1
}
