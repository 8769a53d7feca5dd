# shellcheck shell=dash disable=SC2154,SC2034
# What runs that were killed have left, and links that nobody can need any more.

sweep() {
  local entry service
  set +f
  for entry in "$state/lock/"[1-9]*; do
    ! is_number "${entry##*/}" || [ "${entry##*/}" -gt $((turn - 8)) ] || rm -f "$entry"
  done
  for entry in "$state/runs/"*/; do sweep_run "${entry%/}"; done
  rm -rf "$state/record.new" "$state/closed"* "$state/kept/"*.new
  for entry in "$state/releases/"*/*/; do
    entry=${entry%/} service=${entry%/*}
    [ ! -d "$entry" ] || [ "$(release_of "${service##*/}")" = "$entry" ] || rm -rf "$entry"
  done
  set -f
  # What another user's run left may not be ours to remove: that keeps nobody from deploying.
  return 0
}

# Who waits for the lock lives. A run that came to its verdict is kept for an hour, for the action that has yet to fetch
# it, and so is a place that nobody has begun to use.
sweep_run() { # RUN-DIRECTORY
  local keep=0 since
  [ "$1" != "$run" ] || return 0
  # Whoever waits for its verdict may take it away at any moment.
  since=$(stat -c %Y "$1" 2>/dev/null) || return 0
  if [ -e "$1/verdict" ] || [ ! -p "$1/alive" ]; then keep=3600; fi
  if [ $(($(date +%s) - since)) -lt "$keep" ]; then return 0; fi
  ! is_over "$1/alive" || rm -rf "$1"
}
