# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016,SC2030,SC2031
# The change itself, and its rollback. One update changes a service and labels it with the run, which is its mark. A
# service with this mark is this run's, and only such services are ever rolled back. record/swarm has a line `NAME MARK
# IMAGE` for each service that the run may mark, as it was before: `-` for no mark or image, and `? -` if there was no
# service.

begin_change() {
  step apply "Update $(changed_names)" || return
  put "$record/stage" apply || { fail not-writable "the record cannot be written in $state"; return; }
  flush
  changed=yes
}

changed_names() { listed "$(sed 's/ .*//' "$record/swarm")"; }

apply_change() {
  local name rest
  while read -r name rest <&3; do remember_tasks "$name"; done 3<"$record/swarm"
  if [ -n "$compose_files" ]; then deploy_stack; else update_services; fi
}

update_services() {
  local name declared new rest
  while read -r name declared new rest <&3; do
    update_service "$name" --with-registry-auth --image "$(deployed_spelling "$name" "$new")" --label-add "slipway.run=$id"
    has_mark "$name" "$id" || {
      fail "${reason_code:-not-applied}" "${reason:-$name was not updated: $(last_output)}"
      return
    }
  done 3<"$record/services"
}

# Keeps the spelling of an image that is deployed already (`repo:tag@sha256:…`): Swarm would replace its tasks for
# another.
deployed_spelling() { # NAME REPOSITORY@DIGEST
  local image
  image=$(value_of "$1" "$record/swarm")
  image=${image#* }
  if [ "$(pinned_reference "$image")" = "$2" ]; then echo "$image"; else echo "$2"; fi
}

# Ignores what the client says: what the service says afterwards decides.
update_service() { # NAME OPTION…
  local service
  service=$(full_name "$1")
  shift
  in_sequence call_authorized 120 service update --detach --quiet "$@" "$service" || :
}

# Tries again if somebody else has changed the service in between. Of docker's output, a single word is only the name of
# what it changed.
in_sequence() { # COMMAND…
  local try code
  for try in 1 2 3 4 5; do
    code=0
    "$@" >"$run/said" 2>&1 || code=$?
    grep ' ' "$run/said" | grep -v -e 'overall progress' -e 'Since --detach' -e 'In a future release' | indented >&6
    [ "$code" != 0 ] || return 0
    case $(cat "$run/said") in *'out of sequence'*) ;; *) return "$code" ;; esac
    say "  Something else changed it in the meantime: try $try of 5."
    sleep 1
  done
  return "$code"
}

last_output() {
  local last
  last=$(grep . "$run/said" | tail -n 1)
  last=${last#Error response from daemon: }
  printf '%s\n' "${last:-docker did not say why}"
}

# Whether the service has a mark. Asks until a manager answers.
has_mark() { query_until_answered "$1" && [ "$current_mark" = "$2" ]; } # NAME MARK

deploy_stack() {
  local detach=''
  keep_pins || { fail not-writable "$pins cannot be written"; return; }
  # Docker before 26.0 never waited, and does not have this option.
  case $(docker stack deploy --help 2>/dev/null) in *--detach*) detach=--detach=true ;; esac
  # If this fails, a part of the stack may have been deployed.
  in_sequence call_stack "$directory" 300 deploy $detach --with-registry-auth -c "$pins" "$stack" ||
    fail not-applied "the stack was not deployed completely: $(last_output)"
}

keep_pins() {
  if [ -e "$pins" ]; then cp -p "$pins" "$record/pins"; else : >"$record/no-pins"; fi && write_pins
}

restore_pins() {
  if [ -e "$record/pins" ]; then cp -p "$record/pins" "$pins"
  elif [ -e "$record/no-pins" ]; then rm -f "$pins"
  fi
}

# Waits until all services have converged. A service that Swarm has rolled back in the meantime has its old mark.
settle_tasks() {
  local name before ordered code list='' whose
  step gate "Wait for $(changed_names) to converge" || return
  whose=$(value_of id "$record/run")
  while read -r name before <&3; do
    ordered=$(ordered_image "$name")
    # A service of the stack that is not deployed has the image that its stack file specifies now.
    if [ -z "$ordered" ]; then
      code=0
      query_until_answered "$name" || code=$?
      case $code in 0) ordered=$spec ;; 1) return 1 ;; esac
    fi
    list="$list$name $whose ${ordered:--} $before$newline"
  done 3<"$record/swarm"
  watch_all "$list" "$wait_timeout"
}

# Checks the image of the specification, and of every running task.
verify_tasks() {
  local name declared new rest other
  step verify 'Verify the running digest' || return
  rm -f "$record/places"
  while read -r name declared new rest <&4; do
    query_existing "$name" || return
    case $spec in *"${new#*@}") ;; *) fail updated-by-others "$name: another update has set it to $spec"; return ;; esac
    other=$(running_tasks "$name" | cut -d '|' -f 6 | grep -v "${new#*@}\$" | head -n 1)
    [ -z "$other" ] || { fail digest-mismatch "a task of $name runs $other"; return; }
    note_places "$name"
    say "  $name runs $new$(sed "s/^placed $name \(.*\) \([0-9]*\)\$/, \2 on \1/" "$run/swarm/$name.places" | tr -d '\n')"
  done 4<"$record/services"
}

running_tasks() { grep '^task|[^|]*|running|running|' "$run/swarm/$1.facts"; } # NAME

# Prints lines of `placed NAME NODE COUNT`, for the verdict.
note_places() { # NAME
  local node
  running_tasks "$1" | cut -d '|' -f 5 | while read -r node; do node_name "$node"; done |
    LC_ALL=C sort | uniq -c | sed "s/^ *\([0-9]*\) \(.*\)/placed $1 \2 \1/" >"$run/swarm/$1.places"
  cat "$run/swarm/$1.places" >>"$record/places"
}

# Checks again after the commands and the public check, which take time: a service that had converged may have failed
# since.
serves_still() {
  local name rest
  while read -r name rest <&3; do
    query_existing "$name" || return
    judge "$run/swarm/$name.facts" "$(value_of id "$record/run")" "$spec" '' ''
    case $result in
      superseded) fail updated-by-others "$name: $why"; return ;;
      paused | failing | turned-back) show_tasks "$name"; fail tasks-fail "$name: $why"; return ;;
    esac
  done 3<"$record/swarm"
}

# --- rollback

roll_back() {
  local code="$reason_code" name label image list='' fresh='' known ordered whose jobs=''
  note_failure
  rm -f "$record/places"
  outcome=broken
  free_reserve
  # What others have put there is not undone, and the verdict can say no more than that.
  if [ "$code" = updated-by-others ]; then outcome=superseded; restore_stack_files || { outcome=broken; note_second_failure; }; return; fi
  if [ "$(value_of rollback "$record/run")" = false ]; then
    left_as_is=yes
    say '  Not rolled back: `rollback` is false.'
    return
  fi
  step rollback "Roll back $(changed_names)"
  put "$record/stage" rollback || :
  recorded=''
  restore_stack_files || { note_second_failure; return; }
  whose=$(value_of id "$record/run")
  while read -r name label image <&3; do
    known=0
    if [ "$label" = '?' ]; then query_until_answered "$name" || known=$?; else query_existing "$name" || known=$?; fi
    case $known$label in 0*) ;; '2?') continue ;; *) note_second_failure; return ;; esac
    ordered=$(ordered_image "$name")
    if [ "$current_mark" = "$whose" ] && [ -n "$ordered" ] && [ "${spec##*@}" != "${ordered##*@}" ]; then
      end_as_superseded; return
    elif [ "$current_mark" = "$whose" ]; then
      if [ "$label" = '?' ]; then fresh="$fresh $name"; continue; fi
      # A job would run once more with any image that is put there.
      case $shape in *job) say "  $name: a job cannot be rolled back, and stays as it is."; jobs="$jobs $name"; continue ;; esac
      remember_tasks "$name"
      restore_spec "$name" "$label" "$image" || { note_second_failure; return; }
    elif [ "$label" = '?' ] || [ "$current_mark" != "$(mark_or_empty "$label")" ] || [ "$spec" != "$image" ]; then
      end_as_superseded; return
    else
      # Swarm has rolled it back, or it was never touched.
      case $update in rollback_*) remember_tasks "$name" ;; *) continue ;; esac
    fi
    list="$list$name $label $image $label $image$newline"
  done 3<"$record/swarm"
  remove_new_services "$fresh" || { note_second_failure; return; }
  if [ -n "$list" ] && ! watch_rollback "$list"; then
    case $reason_code in updated-by-others) outcome=superseded ;; esac
    note_second_failure
    return
  fi
  [ -z "$jobs" ] || second_code=job-left why_failed="$why_failed; a job is not rolled back:$jobs"
  if [ -n "$list" ]; then outcome=rolled-back
  elif [ -n "$jobs" ]; then left_as_is=yes
  elif [ -n "$fresh" ]; then
    outcome=removed
    [ -e "$record/new-stack" ] || outcome=rolled-back
  else outcome=unchanged
  fi
}

# Swarm also pauses a rollback at the first task that fails, even if only because its node was busy. An update that
# changes nothing makes Swarm continue with the tasks that are not rolled back yet.
watch_rollback() { # LINES
  local try name rest
  for try in 1 2 3; do
    # Swarm waits a minute for a task that was never assigned to a node before it starts the replacement.
    if watch_all "$1" $((wait_timeout + 90)); then return 0; fi
    if [ "$reason_code" != update-paused ] || [ "$try" = 3 ]; then return 1; fi
    say '  Swarm has paused the rollback: resuming it.'
    reason='' reason_code=''
    while read -r name rest <&4; do
      remember_tasks "$name"
      update_service "$name"
    done 4<<LINES
${1%"$newline"}
LINES
  done
}

end_as_superseded() { outcome=superseded why_failed="$why_failed; and another update has set $name to ${spec##*/}"; }

restore_stack_files() { restore_settings && restore_pins; }

# Swarm's own rollback restores the whole specification. If there was another change in between, only the image and the
# mark are restored.
restore_spec() { # NAME MARK IMAGE
  if [ "$previous_mark" = "$(mark_or_empty "$2")" ] && [ "$previous_image" = "$3" ]; then
    update_service "$1" --rollback
    if has_mark "$1" "$(mark_or_empty "$2")"; then return 0; fi
    [ -z "$reason_code" ] || return 1
  fi
  say "  $1: restoring only its image and its label."
  if [ "$2" = - ]; then update_service "$1" --image "$3" --label-rm slipway.run
  else update_service "$1" --image "$3" --label-add "slipway.run=$2"
  fi
  has_mark "$1" "$(mark_or_empty "$2")" || fail "${reason_code:-not-restored}" "${reason:-$1 could not be rolled back: $(last_output)}"
}

remove_new_services() { # NAMES
  local name
  [ -n "$1" ] || return 0
  if [ -n "$compose_files" ] && [ -e "$record/new-stack" ]; then remove "the stack $stack" stack rm "$stack"; return; fi
  for name in $1; do remove "$name" service rm "$(full_name "$name")" || return; done
}

remove() { # WHAT ARGUMENT…
  local what="$1"
  shift
  docker "$@" >"$run/said" 2>&1 || { fail not-removed "$what could not be removed: $(last_output)"; return; }
  say "  Removed $what, which was not there before."
}
