# shellcheck shell=dash disable=SC2154,SC2034
# The other end of the connection: starts the transaction where a log-out does not reach it, and tells what it writes.
# Neither has any part in it: they can be cut at any moment, and begun again.

# The parameters and the credential go through to its stdin. All three descriptors are its own, else sshd would wait
# for it; and it has a session of its own, so that no hang-up meets it.
start() { # WORD…: what takes it out of the login's reach, where that is needed
  if command -v setsid >/dev/null; then set -- "$@" setsid; else set -- "$@" nohup; fi
  umask 077
  # By way of descriptor 3, as dash gives a background command /dev/null for stdin before it looks at `<&0`.
  exec 3<&0
  "$@" sh "$0" run <&3 3<&- >"$run/log" 2>&1 &
  exec 3<&- </dev/null
  follow 0
}

# A machine that is busy takes its time: half a minute; a third of it where nobody has come to say `start`.
await_start() {
  local patience=300
  until [ -p "$run/alive" ] || [ -e "$run/verdict" ] || [ -e "$run/over" ] || [ "$patience" -le 0 ]; do
    patience=$((patience - 1))
    [ -e "$run/log" ] || patience=$((patience - 2))
    sleep 0.1 2>/dev/null || { sleep 1; patience=$((patience - 9)); }
  done
}

# The log from a byte on, as it comes, and at last the verdict: in frames, each a line with the mark, a kind and a
# length, and as many bytes. A frame of the log comes at least every few seconds, empty if need be, so that a connection
# that is dead shows. The verdict is told when the run has let go of its lock: whoever has heard it may remove the
# directory that the lock stands on.

follow() { # BYTE
  local reached="$1" size over='' beat=0 watcher
  is_time "$reached" || reached=0
  await_start
  watch_end "$run/alive"
  while :; do
    if [ -e "$ended" ] || [ ! -p "$run/alive" ]; then over=yes; fi
    size=0
    [ ! -e "$run/log" ] || size=$(wc -c <"$run/log")
    if [ "$size" -gt "$reached" ]; then
      frame log $((size - reached)) || break
      tail -c "+$((reached + 1))" "$run/log" | head -c $((size - reached))
      reached=$size
    elif [ "$beat" = 0 ]; then
      frame log 0 || break
    fi
    [ -z "$over" ] || break
    beat=$(((beat + 1) % 45))
    blink
  done
  end_watch "$run/alive"
  if [ -e "$run/verdict" ]; then
    frame verdict $(($(wc -c <"$run/verdict")))
    cat "$run/verdict"
  else
    frame gone 0
  fi
}

frame() { printf '%s%s %s\n' "$mark" "$1" "$2"; } # KIND LENGTH

# Heeded until the change begins.
cancel() { : >"$run/cancel"; }

# For a run that is over, or never began. One that begins only now is told by the mark that it is not wanted any more;
# by the other name its place is gone for it at once, and not piece by piece.
vacate() {
  local watcher
  : >"$run/cancel"
  is_over "$run/alive" || return
  mv "$run" "$run.gone" && rm -rf "$run.gone"
}
