# shellcheck shell=dash disable=SC2154,SC2034
# Changes the server in one transaction, which runs there on its own. It ends with the new release verified or with the
# previous one restored, even if the connection, the runner or this process is lost.
#
# The steps come with the order, from src/deploy/steps.ts. `prepare` ends before the first step that may touch the
# running service; `change` runs the rest. Each step returns 0, or sets $reason and fails. A run that is killed leaves
# its record, and the next run settles it.

deploy() {
  begin_run require_reserve
  if prepare; then
    if change; then conclude ok; fi
    roll_back
    conclude "$outcome"
  elif undo_steps; then
    conclude "${superseded:-unchanged}"
  else
    conclude broken
  fi
}

# Runs the undo steps of a run that ended before it touched the running service. Each of them checks the record itself.
undo_steps() {
  local each failed=''
  [ -d "$record" ] || return 0
  note_failure
  free_reserve
  for each in $undo; do "$each" || failed=yes; done
  reload_restored_proxy
  [ -n "$failed" ] || return 0
  note_second_failure
  return 1
}

# Serves the action when it finds its run dead: settles what the run left unfinished, and reports its result.
settle_only() { # RUN-ID
  begin_run write_reserve
  # Commands that the dead run started may still be running. They hold the lock until they exit.
  lock_timeout=$longest_call
  take_lock && settle
  free_reserve
  settled_verdict "$1"
}

# $undone_stages comes from the table in src/deploy/stages.ts.
was_untouched() { [ -z "$1" ] || is_one_of "$1" "$undone_stages"; } # STAGE

is_one_of() { case " $2 " in *" $1 "*) ;; *) return 1 ;; esac } # WORD WORDS

settle_untouched() { if undo_steps; then outcome=unchanged; else outcome=broken; fi; }

# Records the stages in which an interrupted change may go forward, as the plan of the change lists them.
forward_in() { # STAGE…
  put "$record/forward" "$*" || record_unwritable
}

may_go_forward() {
  local forward='up gate verify front direct keep'
  # Records of the previous version have no `forward`; only their key `after` says if commands follow the switch.
  [ "$(value_of after "$record/run")" != yes ] || forward='front direct keep'
  read -r forward 2>/dev/null <"$record/forward" || :
  is_one_of "$failed_stage" "$forward" && was_to_keep
}

main() { # start [WORD…] | run | settle RECORD WORDS… | follow BYTE | cancel | vacate | stage | decide DECISION WHY
  case $1 in
    settle) shift; settle_record "$@" ;;
    start | follow | cancel | vacate | stage | decide) "$@" ;;
    run)
      trap ': >"$run/over"' EXIT
      read_order
      eval "$program"
      ;;
  esac
}
