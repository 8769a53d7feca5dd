# shellcheck shell=dash disable=SC2154,SC2034
# Removes what killed runs left behind, and links of the lock that no run needs any more.

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
  # Files of another user's run may not be removable. That must not stop anybody from deploying.
  return 0
}

# A run that waits for the lock is alive, and stays. A run with a verdict stays for an hour, because the action may not
# have fetched it yet; so does the directory of a run that has not started yet.
sweep_run() { # RUN-DIRECTORY
  local keep=0 since
  [ "$1" != "$run" ] || return 0
  # The action that waits for the verdict may delete the directory at any moment.
  since=$(stat -c %Y "$1" 2>/dev/null) || return 0
  if [ -e "$1/verdict" ] || [ ! -p "$1/alive" ]; then keep=3600; fi
  if [ $(($(date +%s) - since)) -lt "$keep" ]; then return 0; fi
  ! is_over "$1/alive" || rm -rf "$1"
}
