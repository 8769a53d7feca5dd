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

# Writes the log from a byte on, as it grows, in pieces: a line with the mark, the byte that the piece reaches and how
# many lines it is; then those lines, whatever they hold, the last one begun only, or empty. A piece comes at least every
# few seconds, so that a dead connection shows. At last the mark, `verdict` and the verdict, or the mark and `gone`. The
# verdict comes when the run has let go of its lock: whoever has heard it may remove the directory that the lock is in.

follow() { # BYTE
  local reached="$1" size over='' beat=0 watcher
  is_time "$reached" || reached=0
  await_start
  watch_end "$run/alive"
  while :; do
    if [ -e "$ended" ] || [ ! -p "$run/alive" ]; then over=yes; fi
    size=0
    [ ! -e "$run/log" ] || size=$(wc -c <"$run/log")
    if [ "$size" -gt "$reached" ] || [ "$beat" = 0 ]; then
      [ "$size" -gt "$reached" ] || size=$reached
      printf '%s%s %s\n' "$mark" "$size" $(($(piece | wc -l) + 1)) && piece && echo || break
      reached=$size
    fi
    [ -z "$over" ] || break
    beat=$(((beat + 1) % 15))
    nap
  done
  end_watch "$run/alive"
  if [ -e "$run/verdict" ]; then
    printf '%sverdict\n' "$mark"
    cat "$run/verdict"
  else
    printf '%sgone\n' "$mark"
  fi
}

piece() { [ "$size" -le "$reached" ] || tail -c "+$((reached + 1))" "$run/log" | head -c $((size - reached)); }

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
