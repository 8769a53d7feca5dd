# shellcheck shell=dash disable=SC2154
# Allows one transaction at a time in a project, for all users, by means of the file system alone. It never looks at
# PIDs, because another user's process is indistinguishable from a dead one.
#
# Every run, and every docker command that it started, holds its fifo `alive` open for writing. A reader of the fifo
# gets an end of file from the kernel when the last of them has ended, however it ended. The runs are ordered by
# numbered links: the run behind the highest number holds the lock. Creating the next link is the atomic step. The
# highest link is never removed, so a free number below it was never used; a run that creates a link with such a number
# late sees the higher one and tries again.

first_number=10000000
# Seconds after which every command that a killed run left behind has ended: a pull, a command of the user, an `up`.
longest_call=3600

take_lock() {
  local begin holder mine logged=''
  step lock "Lock project $project" || return
  begin=$(seconds)
  while :; do
    holder=$(highest_number)
    if is_over "$state/lock/$holder"; then
      mine=$((holder + 1))
      if ln -s "../runs/$id/alive" "$state/lock/$mine" 2>"$run/error"; then
        if [ "$(highest_number)" = "$mine" ]; then break; fi
        rm -f "$state/lock/$mine"
      elif [ ! -L "$state/lock/$mine" ]; then
        log_error
        fail not-writable "the lock cannot be written in $state/lock"
        return
      fi
      continue
    fi
    if [ "$logged" != "$holder" ]; then
      logged=$holder
      say "  Waiting: $(holder_of "$holder")"
    fi
    await_end "$state/lock/$holder" $((lock_timeout - ($(seconds) - begin))) || {
      fail "$reason_code" "$reason: $(holder_of "$holder")"
      return
    }
  done
  turn=$mine
}

highest_number() {
  local link number="$first_number"
  set +f
  for link in "$state/lock/"[1-9]*; do
    [ ! -L "$link" ] || ! is_number "${link##*/}" || number=${link##*/}
  done
  set -f
  echo "$number"
}

holder_of() { # NUMBER
  local name value holder who='' since=''
  holder=$(readlink "$state/lock/$1") || return
  while read -r name value; do
    case $name in url) who=$value ;; by) who="$who ($value)" ;; since) since=$value ;; esac
  done 2>/dev/null <"$state/lock/${holder%/alive}/who"
  printf '%s\n' "the lock is held by ${who:-another run} since ${since:-a moment ago}"
}

# Returns whether no process has the fifo open. The kernel reports that within moments; if this waits too briefly, the
# run counts as alive, which is safe.
is_over() { # FIFO
  local watcher
  watch_end "$1"
  [ -e "$ended" ] || sleep 0.05 2>/dev/null || sleep 1
  [ -e "$ended" ] || sleep 0.2 2>/dev/null
  end_watch "$1"
}

# Waits until no process has the fifo open, the time is up, or the run is cancelled.
await_end() { # FIFO SECONDS
  local begin end logged watcher
  reason=''
  begin=$(seconds) logged=0
  end=$((begin + $2))
  watch_end "$1"
  while [ -p "$1" ] && [ ! -e "$ended" ]; do
    if is_cancelled; then reason_code=cancelled reason='cancelled while waiting'; break; fi
    if [ $(($(seconds) - begin)) -ge $((logged + 10)) ]; then
      logged=$(($(seconds) - begin))
      say "  Still waiting after $logged s: $(holder_of "${1##*/}")"
    fi
    if [ "$(seconds)" -ge "$end" ]; then reason_code=lock-timeout reason="gave up waiting after $lock_timeout s"; break; fi
    nap
  done
  end_watch "$1"
}

# Watches the fifo in the background and creates $ended at its end of file. It is opened for reading and writing first,
# so that opening it for reading does not wait for a writer. A process has one watch at a time.
ended=$run/ended.$$
watch_end() { # FIFO
  rm -f "$ended"
  [ -p "$1" ] || { : >"$ended"; watcher=''; return; }
  (
    # shellcheck disable=SC2094 # a fifo
    exec 9>&- 7<>"$1" 8<"$1" 7>&-
    read -r _ <&8
    : >"$ended"
  ) >/dev/null 2>&1 &
  watcher=$!
}

# Returns whether the end was seen, or the fifo is gone, which happens only after its end.
end_watch() { # FIFO
  local over=1
  if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null; wait "$watcher" 2>/dev/null; fi
  if [ -e "$ended" ] || [ ! -p "$1" ]; then over=0; fi
  rm -f "$ended"
  return "$over"
}
