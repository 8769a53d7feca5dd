# shellcheck shell=dash disable=SC2154,SC2034
# The change on the server, as one transaction that runs there by itself: it ends with the new release verified or
# with the old one back, whatever becomes of the connection, of the runner and of this very process.
#
# The steps are those of src/deploy/steps.ts, which come with the order: `prepare` ends where what serves may be touched
# first, `change` goes on from there. Each step returns 0, or leaves why it did not in $reason. A run that is killed
# leaves its record, and whoever comes next settles it.

deploy() {
  begin_run reserve_room
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

# For a run that ends before anything that serves was touched: what undoes its steps, each of which looks in the record.
undo_steps() {
  local each failed=''
  [ -d "$record" ] || return 0
  note_failure
  make_room
  for each in $undo; do "$each" || failed=yes; done
  [ -n "$failed" ] || return 0
  note_second_failure
  return 1
}

# For the action that finds its run dead: what became of it, and an end to what it left half-way.
settle_only() { # RUN-ID
  begin_run take_room
  # What the dead run called may go on without it; it has the lock for as long as it lives.
  lock_timeout=$longest_call
  take_lock && settle
  make_room
  settled_verdict "$1"
}

# $undone_stages is the table of src/deploy/stages.ts.
was_untouched() { [ -z "$1" ] || is_one_of "$1" "$undone_stages"; } # STAGE

is_one_of() { case " $2 " in *" $1 "*) ;; *) return 1 ;; esac } # WORD WORDS

settle_untouched() { if undo_steps; then outcome=unchanged; else outcome=broken; fi; }

# The stages in which a cut may go forward, as the plan of the change has them.
forward_in() { # STAGE…
  put "$record/forward" "$*" || record_unwritable
}

may_go_forward() {
  local forward='up gate verify front direct keep'
  # In a record of the version before, only commands after the switch told.
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
