# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016
# The relay. While Compose replaces the containers of a service, NAT rules on the server send new connections to its
# published ports to the shadows. Open requests finish at the old containers.
#   $state/relay   rules may be set; written before they are. It outlives the record: the next run removes the rules.
#                  It is not empty if there may be IPv6 rules.
# Each rule has the comment `slipway:PROJECT`, and a date on which the kernel ends the rule if nobody removes it.

# Runs before the service is touched, so a failure here costs no request.
divert() {
  [ -n "$rehearsed" ] || return 0
  step divert "Send new requests for $(listed "$rehearsed") to the rehearsed release" && set_rules && diverts_all_ports
}

# A port without a rule would lose the requests that a plain recreate loses.
diverts_all_ports() {
  local name ports
  ports=$(for name in $rehearsed; do ports_of "$name"; done)
  [ "$(printf '%s\n' "$relay_rules" | wc -l)" -eq "$(printf '%s\n' "$ports" | wc -l)" ] ||
    fail rules-not-set "not every port of $(listed "$rehearsed") leads to the rehearsed release"
}

drain_old() { step drain "Drain: open requests have $drain s to finish" && sleep "$drain" && refresh_rules; }

# If the engine was restarted while nobody called it, it has published the shadows on other ports.
refresh_rules() {
  local shadows_of="$id"
  [ -n "$rehearsed" ] && [ "$(all_rules)" != "$relay_rules" ] || return 0
  await_ports "$rehearsed" && set_rules
}

# Runs after the gate: the containers of the service take over from the shadows.
direct_to_service() {
  [ -n "$rehearsed" ] || return 0
  await_ports "$rehearsed" && step direct 'Send new requests to the containers of the service again'
}

# Undoes the rehearsal. If an earlier change broke, its shadows may be all that serves, so they stay.
withdraw_shadows() { remove_shadows ''; }

# The services of the record serve: they need no shadows any more, not even those of an earlier change that broke.
remove_relay() { remove_shadows "$(names_of "$record")"; }

# Removes the rules, lets the shadows finish their open requests, and removes them and the rule that held the
# connections. Safe to run again, and if there is nothing to do. Shadows stay as long as a rule may lead to them. The
# shadows of earlier changes that broke stay with their rules, except those of the listed services.
remove_shadows() { # SERVICES
  local ids container kept ends='' serving=''
  [ -e "$state/relay" ] || [ -e "$state/shadows" ] || return 0
  ids=$(shadows) && kept=$(kept_shadows "$1") || return 0
  for container in $ids; do
    case $newline$kept$newline in *"$newline$container$newline"*) ;; *) ends="$ends $container" ;; esac
  done
  if [ -n "$kept" ] && [ -z "$ends" ]; then return 0; fi
  if [ -e "$state/relay" ]; then
    if redirect_to_kept "$1"; then serving=yes
    else hold_connections || remove_rules || { report_remaining_rules; return 0; }
    fi
    [ -z "$ends" ] || sleep "$drain"
  fi
  if [ -n "$ends" ]; then
    ask stop $ends >/dev/null
    ask rm -f -v $ends >/dev/null || { log_error; say '  The rehearsed containers could not be removed.'; return 0; }
  fi
  rm -rf "$record/shadows"
  [ -n "$kept" ] || rm -rf "$state/shadows"
  if [ -e "$state/relay" ] && [ -z "$serving" ] && remove_rules; then rm -f "$state/relay"; fi
}

# If the engine was away and is back, says nothing: the next call of `was_away` reports it.
report_remaining_rules() {
  if engine_answers || ! await_engine; then
    say '  The firewall rules could not be removed: they expire on their own, and the next deploy removes the containers that they point to.'
  fi
}

# If no release serves, the shadows may be all that does, so they stay.
remove_relay_unless_broken() { # VERDICT
  local removal=remove_relay
  case $1 in broken) return ;; unchanged) removal=withdraw_shadows ;; esac
  "$removal"
  if was_away; then "$removal"; fi
}

# Restores the variables when a run settles a change that was interrupted after the point of no return. The rules must
# last until the change is settled.
load_relay() {
  [ -e "$record/shadows/services" ] || return 0
  relay_ports=$(cat "$record/shadows/ports") rehearsed=$(names_of "$record/shadows")
}

renew_rules() {
  [ -n "$rehearsed" ] && [ -e "$state/relay" ] || return 0
  set_rules || say '  The firewall rules could not be renewed.'
}

relay_rules=''
set_rules() {
  : >>"$state/relay" && share "$state/relay" || { record_unwritable; return; }
  relay_rules=$(all_rules)
  [ -n "$relay_rules" ] || { fail rules-not-set "the rehearsed release of $(listed "$rehearsed") publishes no port to send requests to"; return; }
  apply_rules "$(serving_shadows "$rehearsed")"
}

# Sets the rules of this change ($relay_rules), and those of earlier changes that broke.
apply_rules() { # LINES of `SERVICE RECORD`
  local until stop rules
  until=$(($(date +%s) + $(rules_lifetime)))
  stop=$(date -u -d "@$until" +%Y-%m-%dT%H:%M:%S) || { fail rules-not-set '`date` cannot compute when the firewall rules expire'; return; }
  rules=$relay_rules$newline$(kept_rules "$1")
  # A line without an IPv6 port ends with `-`.
  case $rules$newline in *[0-9]"$newline"*) echo ipv6 >"$state/relay" || { record_unwritable; return; } ;; esac
  note_expiry "$until" "$1" || { record_unwritable; return; }
  flush
  firewall "$(rule_script "$stop" "$rules")" || { log_error; fail rules-not-set 'the firewall rules could not be set'; }
}

# The kernel translates the packets of a diverted connection only as long as some rule needs connection tracking. A rule
# that expired long ago stays in place until these connections have finished.
hold_connections() { firewall "$(hold_script)" || { log_error; return 1; }; }

hold_script() {
  printf '%s\n' "project=$project stop=$long_ago target='-j REDIRECT --to-ports 9'" "$firewall_functions" \
    'nat iptables -I OUTPUT --dport 9' 'nat ip6tables -I OUTPUT --dport 9 2>/dev/null || :'
  sweep_script "$long_ago"
}
long_ago=2000-01-01T00:00:00

remove_rules() { firewall "$(sweep_script '')" || { log_error; return 1; }; }

# No rule may expire while its change is in progress: this is the sum of all time limits, and a margin.
rules_lifetime() {
  local asked=0
  [ -z "$check_limit" ] || asked=$check_limit
  echo $((3 * drain + 3 * $(up_limit "$record") + 3 * (wait_timeout + stability) + asked + 2 * hook_timeout + engine_timeout + 300))
}

# Adds the rules of all shadows, then removes those of an earlier set, so that there is a rule at every moment.
rule_script() { # DATESTOP RULES
  printf '%s\n' "$firewall_functions"
  printf 'project=%s stop=%s bridges="%s" closed=%s\n' "$project" "$1" "$(listed "$(bridges)")" "$(! has_firewalld || echo yes)"
  printf '%s\n' "$2"
  sweep_script "$1"
}

all_rules() {
  local name
  while read -r name; do rules_of "$name"; done <<LINES
$rehearsed
LINES
}

# Under systemd, firewalld writes no PID file.
has_firewalld() { [ -e /run/firewalld.pid ] || grep -qsx firewalld /proc/[0-9]*/comm; }

rules_of() { # SERVICE
  local index address host_port port title inner ports outer
  while read -r index address host_port port; do
    title=$(shadow_name "$1" "$index")
    inner=$(first_address "$title")
    ports=$(ask port "$title" "$port/tcp") || continue
    outer="$(port_of "$ports" "$address" 4) $(port_of "$ports" "$address" 6)"
    [ "$outer" = '- -' ] || printf 'rules_for %s %s %s %s\n' "'$address'" "$host_port" "'$inner:$port'" "$outer"
  done <<LINES
$(ports_of "$1")
LINES
}

first_address() { # CONTAINER
  local address rest
  read -r address rest <<LINES
$(ask inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$1")
LINES
  echo "$address"
}

# Prints the port at an address, from lines like `0.0.0.0:32768` and `[::]:32768`; `-` if there is none. Older clients
# write `:::32768`, and a network that is only routed has no port.
port_of() { # LINES ADDRESS|* 4|6
  local line host port family found='-'
  while read -r line; do
    host=${line%:*} port=${line##*:}
    host=${host#"["} host=${host%"]"}
    case $host in *:*) family=6 ;; *) family=4 ;; esac
    case $port in '' | 0 | *[!0-9]*) continue ;; esac
    case "$family $2 $host" in "$3 $host $host" | "$3 * 0.0.0.0" | "$3 * ::") found=$port ;; esac
  done <<LINES
$1
LINES
  echo "$found"
}

# The engine never applies its own rules to connections from a container: such requests enter through its proxy.
bridges() {
  local id name
  for id in $(ask network ls -q --no-trunc --filter driver=bridge); do
    name=$(ask network inspect --format '{{index .Options "com.docker.network.bridge.name"}}' "$id")
    id=${id%"${id#????????????}"}
    name=${name:-br-$id}
    # The name becomes part of a script.
    ! is_name "$name" || echo "$name"
  done
}

# Runs in the network of the server. `closed` is set if a firewall filters incoming connections. Requests that would
# then have to come in on another port than before are not diverted.
firewall_functions='
set -e
place=
# Matches new connections only: one from before the kernel tracked connections stays where it is.
nat() { tool=$1 chain="$2 $3"; shift 3; "$tool" -w 5 -t nat $chain $place -p tcp --syn "$@" -m time --datestop "$stop" -m comment --comment "slipway:$project" $target; }
is_closed() {
  [ -z "$closed" ] || return 0
  case $("$1" -w 5 -S INPUT 2>/dev/null) in *"-P INPUT DROP"* | *"-A INPUT -j DROP"* | *"-A INPUT -j REJECT"*) return 0 ;; esac
  if command -v nft >/dev/null && nft list chains 2>/dev/null | grep -q "hook input .*policy drop"; then return 0; fi
  return 1
}
# firewalld accepts everything from a bridge that the engine has added to its zone.
is_closed_to() { # BRIDGE
  is_closed iptables || return
  [ -n "$closed" ] || return 0
  case $(nft list chain inet firewalld filter_INPUT_ZONES 2>/dev/null) in *"iifname \"$1\" goto filter_IN_docker"*) return 1 ;; esac
  case $(iptables -w 5 -S INPUT_ZONES 2>/dev/null) in *"-i $1 -g IN_docker"*) return 1 ;; esac
}
# The engine knows to which address of the container its own rules may lead. Another container may have the same port on
# another address.
container_address_of() { # HOST-PORT TO CONTAINER-PORT
  case $2 in "-d "*) to="$2/32 " ;; *) to= ;; esac
  iptables -w 5 -t nat -S DOCKER 2>/dev/null |
    sed -n "s|^-A DOCKER $to.*--dport $1 .*--to-destination \([0-9.]*:$3\)\( .*\)\{0,1\}\$|\1|p" | head -n 1
}
rules_for() { # ADDRESS HOST-PORT INNER OUTER-4 OUTER-6
  case $1 in
    127.*) [ "$4" = - ] || redirect_local iptables "-d $1" "$2" "-j DNAT --to-destination $1:$4" ;;
    "*" | 0.0.0.0) [ "$4" = - ] || redirect_external "-m addrtype --dst-type LOCAL" "$2" "$3" "$4" "-j REDIRECT --to-ports $4" ;;
    *:*) ;;
    *) [ "$4" = - ] || redirect_external "-d $1" "$2" "$3" "$4" "-j DNAT --to-destination $1:$4" ;;
  esac
  [ "$5" != - ] || return 0
  case $1 in
    "*" | ::) redirect_ipv6 "-m addrtype --dst-type LOCAL" "$2" "-j REDIRECT --to-ports $5" ;;
    *:*) redirect_ipv6 "-d $1" "$2" "-j DNAT --to-destination [$1]:$5" ;;
  esac
}
redirect_local() { target=$4; nat "$1" -I OUTPUT $2 --dport "$3"; }
redirect_external() { # TO HOST-PORT INNER OUTER TARGET
  # Without a rule of its own, the engine lets no packet through to the container.
  inner=$(container_address_of "$4" "$1" "${3##*:}")
  [ -n "$inner" ] || { echo "the engine has no firewall rule for port $4" >&2; exit 1; }
  redirect_local iptables "$1" "$2" "$5"
  behind=1
  for bridge in $bridges; do
    target=$5
    ! is_closed_to "$bridge" || target="-j RETURN"
    nat iptables -I PREROUTING -i "$bridge" $1 --dport "$2"
    behind=$((behind + 1))
  done
  target="-j DNAT --to-destination $inner"
  place=$behind
  nat iptables -I PREROUTING $1 --dport "$2"
  place=
}
redirect_ipv6() { # TO HOST-PORT TARGET
  redirect_local ip6tables "$1" "$2" "$3"
  if is_closed ip6tables; then return 0; fi
  nat ip6tables -I PREROUTING $1 --dport "$2"
}
'

# Deletes every rule of the project, except those that end on that date. Starts with the last one, because the rules
# above it are its exceptions. If a chain cannot be listed, its rules may still be set. One rule of `nft` is enough for
# iptables not to list a table as a whole.
sweep_script() { # DATESTOP
  printf '%s\n' 'for tool in iptables ip6tables; do for chain in OUTPUT PREROUTING; do' \
    "  rules=\$(\"\$tool\" -w 5 -t nat -S \"\$chain\") || case \" $(tools_with_rules) \" in *\" \$tool \"*) exit 1 ;; *) continue ;; esac" \
    "  printf '%s\\n' \"\$rules\" | grep -e '--comment \"\\{0,1\\}slipway:$project\"\\{0,1\\} ' | grep -v -e '--datestop ${1:-never} ' |" \
    '    sed -n "s/^-A /$tool -w 5 -t nat -D /p" | sed "1!G;h;\$!d" | sh -e || exit 1' \
    'done; done'
}

# A server without IPv6 rules may have no usable ip6tables.
tools_with_rules() { if [ -s "$state/relay" ]; then echo iptables ip6tables; else echo iptables; fi; }

firewall() { with_host_tools host "$1" >"$run/error" 2>&1; } # SCRIPT

with_host_tools() { # NETWORK SCRIPT
  find_image || return
  docker $(host_tools "$1") --name "slipway-$id-tools$(clock)" "$tools_image" -c "$2" </dev/null
}

# Finds an image of the project, in which the programs of the server run.
tools_image=''
find_image() {
  local found
  [ -z "$tools_image" ] || return 0
  found=$(ask ps -aq --no-trunc --filter "label=com.docker.compose.project=$project") || return
  if [ -n "$found" ]; then found=$(ask inspect --format '{{.Image}}' "$(first_line_of "$found")")
  else found=$(ask image ls -q --no-trunc --filter "reference=slipway/kept:$project.*"); fi
  tools_image=$(first_line_of "$found")
  [ -n "$tools_image" ]
}
