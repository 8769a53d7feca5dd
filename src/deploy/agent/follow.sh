# shellcheck shell=dash disable=SC2154,SC2034
# The server's end of the connection: starts the transaction so that it survives a log-out, and streams its log and
# verdict. Neither is part of the transaction: both can be interrupted at any moment and started again.

# Passes the parameters and the credential on to the stdin of the transaction. The transaction has its own three
# standard descriptors, or sshd would wait for it, and its own session, so that a hang-up does not reach it.
start() { # WORD…: a command that detaches it from the login session, if one is needed
  if command -v setsid >/dev/null; then set -- "$@" setsid; else set -- "$@" nohup; fi
  umask 077
  # Through descriptor 3, because dash sets the stdin of a background command to /dev/null before it evaluates `<&0`.
  exec 3<&0
  "$@" sh "$0" run <&3 3<&- >"$run/log" 2>&1 &
  exec 3<&- </dev/null
  follow 0
}

# Waits until the run has started: half a minute, as the machine may be busy, or ten seconds if there is no log yet,
# because then `start` may never have arrived.
await_start() {
  local patience=300
  until [ -p "$run/alive" ] || [ -e "$run/verdict" ] || [ -e "$run/over" ] || [ "$patience" -le 0 ]; do
    patience=$((patience - 1))
    [ -e "$run/log" ] || patience=$((patience - 2))
    sleep 0.1 2>/dev/null || { sleep 1; patience=$((patience - 9)); }
  done
}

# Streams the log from a byte offset as it grows, then the verdict, in frames: a line of mark, kind and length, followed
# by that many bytes. A frame of the log, possibly empty, is sent at least every few seconds to reveal a dead
# connection. The verdict is sent once the run has released its lock, because its receiver may remove the directory that
# the lock links to.

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

# Cancels the run, unless its change has already begun.
cancel() { : >"$run/cancel"; }

# Removes the directory of a run that is over or never began. The cancel file stops a run that begins at this moment,
# and the rename removes the whole directory at once.
vacate() {
  local watcher
  : >"$run/cancel"
  is_over "$run/alive" || return
  mv "$run" "$run.gone" && rm -rf "$run.gone"
}
