# shellcheck shell=dash disable=SC2154
# The change on the server, as one transaction that runs there by itself: it ends with the new release verified or
# with the old one back, whatever becomes of the connection, of the runner and of this very process.
#
# Each step returns 0, or leaves why it did not in $reason. Up to `begin_change` nothing that serves was touched;
# from there on a failure is rolled back. A run that is killed leaves its record, and whoever comes next settles it.

deploy() {
  if take_lock && settle && in_order && choose_release && check_brought && note_things &&
    record_release && pull_images && pin_references && place_brought && start_dependencies && run_before &&
    rehearse && divert && begin_change; then
    if bring_up && gate new && verify_release && run_after && await_word && serves_still && direct; then
      keep_release
      conclude ok
    else
      roll_back
      uncover_unless_broken "$outcome"
      conclude "$outcome"
    fi
  elif uncover; put_all_back; then
    conclude "${superseded:-unchanged}"
  else
    conclude broken
  fi
}

# For the action that finds its run dead: what became of it, and an end to what it left half-way.
settle_only() {
  # What the dead run called may go on without it; it has the lock for as long as it lives.
  lock_timeout=$longest_call
  take_lock && settle
  make_room
  tell_settled
}

main() { # start [WORD…] | run | settle RECORD WORDS… | follow BYTE | cancel | vacate | stage | word WORD WHY
  case $1 in
    settle) shift; settle_record "$@" ;;
    start | follow | cancel | vacate | stage | word) "$@" ;;
    run)
      trap ': >"$run/over"' EXIT
      read_parameters
      begin_run
      trap - EXIT
      case $mode in deploy) deploy ;; settle) settle_only ;; esac
      ;;
  esac
}
