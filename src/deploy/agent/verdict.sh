# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Ends a run: writes a line of history for each service, removes old images, writes the verdict, and only then closes
# the record. If the run is killed in between, the next run closes the record in the same way.

conclude() { # ok|unchanged|rolled-back|removed|broken
  free_reserve
  note_failure
  [ "$1" != ok ] || failed_stage='' failed_code='' why_failed=''
  if [ -d "$record" ]; then
    write_history "$1" "$record"
    [ "$1" = broken ] || prune "$1"
    [ "$1" = unchanged ] || drop_broken
  fi
  write_verdict "$1" "$run"
  close_record "$1"
  drop_staged
  rm -rf "$run/error" "$run/containers" "$run/docker" "$run/pull" "$run/pull.code" "$run/pull.pid"
  say "$(closing_line "$1")"
  exit 0
}

# Keeps the first failure for the verdict, whatever follows.
note_failure() {
  failed_stage=${failed_stage:-$stage} failed_code=${failed_code:-$reason_code} why_failed=${why_failed:-$reason}
  reason='' reason_code=''
}

# Adds a failure of the undo or of the rollback.
note_second_failure() {
  [ -n "$reason" ] || return 0
  second_code=$reason_code why_failed="$why_failed; and $reason"
}

# If the verdict cannot be written completely, none is left. A missing verdict never counts as a success.
write_verdict() { # KIND RUN-DIRECTORY
  local line
  [ -d "$2" ] || return 0
  {
    printf 'kind %s\n' "$1"
    [ -z "$failed_stage" ] || printf 'stage %s\nreason %s\n' "$failed_stage" "$why_failed"
    [ -z "$failed_code" ] || printf 'code %s\n' "$failed_code"
    [ -z "$second_code" ] || printf 'second %s\n' "$second_code"
    [ "$1" != broken ] || [ -z "$left_as_is" ] || echo 'left yes'
    [ ! -d "$record" ] || list_releases "$1"
    [ "$1" != ok ] || changed_others
    [ ! -e "$record/made" ] || while read -r line; do printf 'made %s\n' "${line%% *}"; done <"$record/made"
    [ ! -e "$2/made" ] || while IFS= read -r line; do printf 'made %s\n' "$line"; done <"$2/made"
    [ ! -e "$record/places" ] || cat "$record/places"
    [ ! -e "$record/recreated" ] || cat "$record/recreated"
    durations "$2/stages"
    echo end
  } >"$2/verdict.new" && share "$2/verdict.new" && mv -f "$2/verdict.new" "$2/verdict"
}

# Prints what runs now, what ran before, and what the run was to deploy.
list_releases() { # KIND
  # If the engine is away, what it runs is unknown: at this point the run does not wait for it.
  case $1 in broken | superseded) engine_answers && snapshot || : >"$run/snapshot" ;; esac
  each_service list_release "$1"
}

list_release() { # KIND
  local before
  [ "$new" != - ] || return 0
  before=$(reference_or_id "$old_reference" "$old")
  printf 'previous %s %s\nwanted %s %s\n' "$name" "$before" "$name" "$new"
  case $1 in
    ok) printf 'deployed %s %s\n' "$name" "$new" ;;
    unchanged | rolled-back) printf 'deployed %s %s\n' "$name" "$before" ;;
    removed) printf 'deployed %s -\n' "$name" ;;
    broken | superseded) printf 'deployed %s %s\n' "$name" "$(what_runs "$name" "$new")" ;;
  esac
}

what_runs() { # SERVICE REPOSITORY@DIGEST
  local image
  image=$(running_image "$1")
  [ -n "$image" ] || { echo -; return; }
  set -- "$(reference_of "$image" "${2%@*}")"
  echo "${1:-$image}"
}

running_image() { # SERVICE
  local container title status image rest
  in_snapshot "$1" | while read -r container title status image rest; do
    if [ "$status" = running ]; then echo "$image"; break; fi
  done
}

durations() { # STAGES: lines of `milliseconds stage`
  local time name last_time='' last_name=''
  while read -r time name; do
    is_time "$time" || continue
    [ -z "$last_name" ] || printf 'took %s %s\n' "$last_name" $((time - last_time))
    last_time=$time last_name=$name
  done 2>/dev/null <"$1"
  [ -z "$last_name" ] || printf 'took %s %s\n' "$last_name" $(($(clock) - last_time))
}

# Closes the record. If the verdict is `broken`, keeps it in broken/ID for the next run, next to the record of a new
# change.
close_record() { # KIND
  [ -d "$record" ] || return 0
  if [ "$1" = broken ]; then
    forget_undone
    case $record in
      "$state/record") mkdir -p "$state/broken" && share "$state/broken" && mv "$record" "$state/broken/$(value_of id "$record/run")" ;;
    esac
  elif [ -e "$run/verdict" ] || [ "$settling" = yes ]; then
    # Moved first, because it may contain files of another user that this run cannot delete.
    rm -rf "$state/closed.$id"
    mv "$record" "$state/closed.$id" && rm -rf "$state/closed.$id"
  fi
}

closing_line() { # KIND
  case $1 in
    ok) echo 'Done: the new release is running.' ;;
    unchanged) printf '%s\n' "Stopped: $why_failed. Nothing was changed." ;;
    superseded)
      case $failed_code in
        updated-by-others) printf '%s\n' "Superseded: $why_failed. The other update stays in place." ;;
        *) printf '%s\n' "Superseded: $why_failed. Nothing was changed." ;;
      esac
      ;;
    rolled-back) printf '%s\n' "Rolled back: $why_failed. The previous release is running again." ;;
    removed) printf '%s\n' "Removed: $why_failed. No release ran before, and none is running now." ;;
    broken) printf '%s\n' "Broken: $why_failed. Check the server now." ;;
  esac
}
