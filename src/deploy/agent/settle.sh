# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Settles a record that was not closed because its run was killed or the host went down. Before anything else, the run
# goes forward if the release of that record is healthy, and otherwise back. recover.sh checks whether it is healthy on
# a single server, and transaction.sh of the Swarm does on a manager.

settle() {
  if [ -d "$state/record" ]; then settle_by_its_script "$state/record"; fi
  settle_broken_changes
  sweep
}

# The script that wrote a record knows its format best, whatever its version. A copy of it runs next to this run's own
# script, because it writes to that directory. Versions that did not keep their script kept no order either; this
# version understands their records.
#   sh SCRIPT settle RECORD DOCKER COMPOSE COMPOSE-VERSION <ORDER
# DOCKER and COMPOSE are lists of this run, one word per line, because the earlier run may have been another user's.
# Descriptor 9 holds the lock. The change is settled if the record is gone afterwards.
settle_by_its_script() { # RECORD
  local from="$run"
  [ ! -e "$1/script" ] || from=$1
  rm -f "$run/settler"
  ln "$from/script" "$run/settler" 2>/dev/null || cp "$from/script" "$run/settler" || return 0
  sh "$run/settler" settle "$1" "$docker_words" "$compose_words" "$compose_major.$compose_minor" <"$from/order" ||
    say '  The cleanup failed.'
  rm -f "$run/settler"
}

settle_record() { # RECORD DOCKER COMPOSE COMPOSE-VERSION
  local was
  eval "$(cat)"
  exec </dev/null
  docker_words=$2 compose_words=$3 compose_major=${4%%.*} compose_minor=${4#*.}
  enter
  record=$1 settling=yes changed=yes
  before=$(value_of id "$record/run") was=$(cat "$record/stage" 2>/dev/null)
  failed_stage=${was:-record} failed_code=cut-off why_failed="the run was interrupted in the stage ${was:-record}"
  step settle "Clean up after $(value_of url "$record/run"), which was interrupted in the stage $failed_stage"
  free_reserve
  # Uploads contain values of the .env file, and secrets: they are deleted as soon as they are not needed.
  (run=$state/runs/$before && drop_staged)
  load_change
  case $record in "$state/record") settle_cut "$was" ;; *) settle_broken "$was" ;; esac
  [ -n "$outcome" ] || return 0
  remove_relay_unless_broken "$outcome"
  write_history "$outcome" "$record"
  [ "$outcome" = broken ] || prune "$outcome"
  write_verdict "$outcome" "$state/runs/$before"
  close_record "$outcome"
  say "  Settled the interrupted deploy: $outcome"
}

settle_cut() { # STAGE
  local verdict
  # The run wrote its verdict, but was killed before it closed the record.
  verdict=$(value_of kind "$state/runs/$before/verdict")
  end_hooks "$before"
  case $verdict in ok | unchanged | superseded | rolled-back | removed) close_record "$verdict"; return ;; esac
  if was_untouched "$1"; then settle_untouched; return; fi
  renew_rules
  if may_go_forward && release_is_healthy; then
    keep_release
    outcome=ok failed_stage='' why_failed='' failed_code=''
  else
    roll_back
  fi
}
