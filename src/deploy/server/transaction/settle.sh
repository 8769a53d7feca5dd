# shellcheck shell=dash disable=SC2154,SC2034
# A record that nobody closed: its run was killed, or the host went down. Before anything else it is brought to an
# end: forward where its release turns out to serve, else back.

settle() {
  local left
  if [ -d "$state/record" ]; then settle_one settle_cut "$state/record"; fi
  set +f
  for left in "$state/broken/"*/; do
    [ ! -d "$left" ] || settle_one settle_broken "${left%/}"
  done
  set -f
  rmdir "$state/broken" 2>/dev/null
  record=$run/none stage=settle changed='' failed_stage='' why_failed='' reason='' outcome='' settling=''
  sweep
}

settle_one() { # COMMAND RECORD
  local before was
  record=$2 settling=yes changed=yes before=$(value_of id "$2/run")
  was=$(cat "$record/stage" 2>/dev/null)
  failed_stage=${was:-record} why_failed="the run was cut off in the stage ${was:-record}"
  step settle "Settle what $(value_of url "$record/run") left in the stage $failed_stage"
  set -f
  make_room
  "$1" "$was"
  [ -n "$outcome" ] || return 0
  write_history "$outcome" "$record"
  [ "$outcome" = broken ] || prune "$outcome"
  write_verdict "$outcome" "$state/runs/$before"
  close_record "$outcome"
  say "  settled: $outcome"
}

settle_cut() { # STAGE
  local verdict
  # A run that had its verdict but not the time to close.
  verdict=$(value_of kind "$state/runs/$(value_of id "$record/run")/verdict")
  outcome=''
  end_hooks "$(value_of id "$record/run")"
  case $verdict in ok | unchanged | rolled-back | removed) close_record "$verdict"; return ;; esac
  case $1 in
    '' | record | pull | pin | bring | dependencies | before) put_pins_back; outcome=unchanged ;;
    rollback | after) roll_back ;;
    *)
      if was_to_keep && verify_release && gate new; then
        keep_release
        outcome=ok failed_stage='' why_failed=''
      else
        roll_back
      fi
      ;;
  esac
}

# A broken one may have been put right by hand meanwhile: what serves is left alone. Where `rollback` is off, what is
# broken was left so on purpose.
settle_broken() {
  local patience=$wait_timeout
  outcome=''
  [ "$(value_of rollback "$record/run")" != false ] || return 0
  wait_timeout=5
  if gate new; then
    say '  It serves again: somebody has put it right.'
    rm -rf "$record"
  else
    wait_timeout=$patience
    roll_back
  fi
  wait_timeout=$patience
}
