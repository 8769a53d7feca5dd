# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Waits until the services are what they are to be, all of them at once. A line `WORD REASON` for each is in
# swarm/NAME.result: ok, or why not (see judge.sh), or
#   timeout   nothing got on any more
#   lost      no manager answered up to the deadline
#   gone      the service was removed
#   stopped   another one had failed

# LINES of `NAME MARK IMAGE BEFORE-MARK BEFORE-IMAGE`, `-` for nothing.
watch_all() { # LINES SECONDS
  local name label image before_label before_image watched='' bad=''
  set +f
  rm -f "$run/swarm/"*.result "$run/swarm/stop"
  set -f
  while read -r name label image before_label before_image <&4; do
    [ -n "$name" ] || continue
    watched="$watched $name"
    ( watch "$name" "$(filled "$label")" "$image" "$(filled "$before_label")" "$before_image" "$2" ) &
  done 4<<LINES
$1
LINES
  while some_left $watched; do
    [ -e "$run/swarm/stop" ] || all_well $watched || : >"$run/swarm/stop"
    nap
  done
  wait
  all_well $watched
}

filled() { [ "$1" = - ] || printf '%s\n' "$1"; }

some_left() { # NAME…
  local name
  for name in "$@"; do [ -e "$run/swarm/$name.result" ] || return 0; done
  return 1
}

all_well() { # NAME…
  local name word rest
  for name in "$@"; do
    [ -e "$run/swarm/$name.result" ] || continue
    read -r word rest <"$run/swarm/$name.result" || return
    [ "$word" = ok ] || return
  done
}

# One that has not ended and is alone in it: whoever started it may have been killed.
watch() { # NAME MARK IMAGE BEFORE-MARK BEFORE-IMAGE SECONDS
  local until best=-1 score since='' key='' told='' now limit="$6" line code still=''
  until=$(($(seconds) + limit))
  while kill -0 $$ 2>/dev/null; do
    if [ -e "$run/swarm/stop" ]; then ends "$1" stopped 'another service failed'; return; fi
    code=0
    look "$1" || code=$?
    now=$(seconds)
    case $code in
      2) ends "$1" gone 'the service was removed'; return ;;
      1)
        [ "$told" = lost ] || say "  $1: $(no_manager "$1")"
        told=lost since='' line=$(no_manager "$1")
        if [ "$now" -ge "$until" ]; then ends "$1" lost "$line"; return; fi
        sleep 1
        continue
        ;;
    esac
    judge "$run/swarm/$1.facts" "$2" "$3" "$4" "$5"
    line=$(shown_state)
    [ "$line" = "$told" ] || say "  $1: $line"
    told=$line
    case $word in
      superseded | paused | failing | turned-back) ends "$1" "$word" "$why"; return ;;
      'done') ends "$1" ok "its job is done, $ended_well completions"; return ;;
      idle)
        say "  $1: it has 0 replicas, so nothing was verified"
        ends "$1" ok 'it has 0 replicas'
        return
        ;;
      stuck)
        [ -n "$still" ] || still=$now
        if [ $((now - still)) -ge $(($(slowest) + 10)) ]; then word=whole line="$line (a node is down)"; fi
        ;;
      *) still='' ;;
    esac
    # As long as it gets on, it gets more time: each task that comes up is a step, and so is the end of the update.
    score=$((good + ended_well))
    if [ "$word" = whole ]; then score=$((score + 1)); fi
    if [ "$score" -gt "$best" ]; then best=$score until=$((now + limit + $(slowest))); fi
    if [ "$word" = whole ]; then
      [ -n "$since" ] && [ "$key" = "$tasks" ] || { since=$now key=$tasks; }
      if [ $((now - since)) -ge "$stay" ]; then ends "$1" ok "$line"; return; fi
    else
      since=''
      if [ "$now" -ge "$until" ]; then ends "$1" timeout "it did not become whole: $line${why:+: $why}"; return; fi
    fi
    sleep 1
  done
}

ends() { put "$run/swarm/$1.result" "$2 $3"; } # NAME WORD REASON

shown_state() {
  local text
  text="$good${want:+ of $want} run"
  case $want in 0) text="$good run" ;; esac
  [ "$ended_well" = 0 ] || text="$text, $ended_well ended well"
  [ "$waiting" = 0 ] || text="$text, $waiting waiting"
  [ "$others" = 0 ] || text="$text, $others of another specification"
  [ "$bad" = 0 ] || text="$text, $bad failed"
  case $update in updating | rollback_started) text="$text, $update" ;; esac
  echo "$text"
}

# A node that died within the last three heartbeats still counts as up.
choose_stay() {
  local heartbeat nodes
  stay=$stability
  heartbeat=$(docker info --format '{{if .Swarm.Cluster}}{{printf "%d" .Swarm.Cluster.Spec.Dispatcher.HeartbeatPeriod}} {{.Swarm.Nodes}}{{end}}' 2>/dev/null) || return 0
  nodes=${heartbeat#* } heartbeat=${heartbeat%% *} heartbeat=${heartbeat%?????????}
  is_number "$heartbeat" && [ "$nodes" != 1 ] || return 0
  [ "$stay" -ge $((heartbeat * 3 + 2)) ] || stay=$((heartbeat * 3 + 2))
}

# The first failure that is one by itself.
worst_result() { # NAME…
  local name word because first=''
  for name in "$@"; do
    read -r word because 2>/dev/null <"$run/swarm/$name.result" || continue
    case $word in
      ok | stopped) continue ;;
      superseded | gone) printf '%s\n' "$word $name: $because"; return ;;
    esac
    [ -n "$first" ] || first="$word $name: $because"
  done
  printf '%s\n' "$first"
}
