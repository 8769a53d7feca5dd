# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# A record that nobody closed: its run was killed, or the host went down. Before anything else it is brought to an
# end: forward where its release turns out to serve, else back.

settle() {
  local left
  if [ -d "$state/record" ]; then settle_by_its_script "$state/record"; fi
  while IFS= read -r left <&8; do
    [ -z "$left" ] || settle_by_its_script "$left"
  done 8<<LINES
$(newest_first "$state/broken")
LINES
  rmdir "$state/broken" 2>/dev/null
  # A change that broke may have left them as all that serves.
  [ -d "$state/broken" ] || uncover
  sweep
}

# The script that wrote a record knows best what is in it, whatever version it is of; it runs beside this run's own
# script, in whose directory it writes. A version before it was kept left neither: this one knows those records.
#   sh SCRIPT settle RECORD DOCKER COMPOSE COMPOSE-VERSION <ORDER
# The lists are this run's, a word a line, as the run before may have been another user's. The lock is held, by
# descriptor 9. It has settled the change when the record is gone.
settle_by_its_script() { # RECORD
  local from="$run"
  [ ! -e "$1/script" ] || from=$1
  rm -f "$run/settler"
  ln "$from/script" "$run/settler" 2>/dev/null || cp "$from/script" "$run/settler" || return 0
  sh "$run/settler" settle "$1" "$docker_words" "$compose_words" "$compose_major.$compose_minor" <"$from/order" ||
    say '  It could not be settled.'
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
  make_room
  # They hold values of the .env, and secrets: no longer than they are needed.
  (run=$state/runs/$before && drop_staged)
  take_cover_over
  take_beside_over
  case $record in "$state/record") settle_cut "$was" ;; *) settle_broken "$was" ;; esac
  [ -n "$outcome" ] || return 0
  uncover_unless_broken "$outcome"
  write_history "$outcome" "$record"
  [ "$outcome" = broken ] || prune "$outcome"
  write_verdict "$outcome" "$state/runs/$before"
  close_record "$outcome"
  say "  settled: $outcome"
}

settle_cut() { # STAGE
  local verdict
  # A run that had its verdict but not the time to close.
  verdict=$(value_of kind "$state/runs/$before/verdict")
  end_hooks "$before"
  case $verdict in ok | unchanged | rolled-back | removed) close_record "$verdict"; return ;; esac
  if was_untouched "$1"; then settle_untouched; return; fi
  renew_cover
  if may_go_forward && new_holds && replace_old && await_ports "$rehearsed"; then
    keep_release
    outcome=ok failed_stage='' why_failed='' failed_code=''
  else
    roll_back
  fi
}

# Old containers that are there beside the new ones are not looked at.
new_holds() {
  local old_ones
  old_ones=$(recorded_ids)
  verify_release && has_all && gate new
}

# Compose may have been cut with some of them up. What is kept already was seen to have them.
has_all() {
  local name declared new replicas kind grace old old_reference kept pointer count rest
  [ "$failed_stage" != keep ] || return 0
  while read -r name declared new replicas kind grace old old_reference kept pointer count rest <&4; do
    if [ "$new" = - ]; then
      [ "$failed_stage" != up ] || { fail incomplete "it is unknown whether Compose updated $name"; return; }
      continue
    fi
    [ "$(number_of "$name")" = "$(wanted)" ] || { fail incomplete "some containers of $name are missing"; return; }
    [ ! -e "$record/recreate" ] || made_anew || { fail incomplete "$name was not recreated"; return; }
  done 4<"$record/services"
}

# With the same image, only the containers tell whether Compose came to it.
made_anew() {
  local id
  for id in $(containers_of "$name"); do if is_recorded "$id"; then return 1; fi; done
}

number_of() { # SERVICE
  local ids id number=0
  ids=$(containers_of "$1") || return
  for id in $ids; do number=$((number + 1)); done
  echo "$number"
}

# A broken one may have been put right by hand meanwhile: what serves is left alone. Where `rollback` is off, what is
# broken was left so on purpose.
settle_broken() { # STAGE
  local patience="$wait_timeout"
  # What serves was not touched: all that is left is what could not be put back then.
  if was_untouched "$1"; then settle_untouched; return; fi
  [ "$(value_of rollback "$record/run")" != false ] || return 0
  wait_timeout=5
  if ! gate new; then
    wait_timeout=$patience
    roll_back
  elif only_settings_are_left "$1"; then
    if put_settings_back && put_older_back "$record"; then outcome=rolled-back; else outcome=broken; fi
  else
    say '  The service is healthy again: someone has repaired it.'
    rm -rf "$record"
  fi
}

# The rollback came as far as the containers, and had no room for what they run with.
only_settings_are_left() { # STAGE
  ran_before "$record" && quietly verify_old && { ! quietly runs_new || { [ "$1" = rollback ] && ran_with_these; }; }
}

# With the same image before and after, the configuration tells.
ran_with_these() {
  local name rest
  while read -r name rest <&4; do
    [ "$(hash_of_running "$name")" = "$(hash_of "$name" "$record")" ] || return
  done 4<"$record/services"
}

quietly() { ("$@") 6>/dev/null; }
