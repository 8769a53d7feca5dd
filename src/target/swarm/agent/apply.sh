# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2046,SC2016,SC2030,SC2031
# The change itself, and the way back. A service is updated in one step, in which it is marked with the run by a label:
# what has the mark is this run's, and only that is ever put back.
# record/swarm: a line for each service that the run may mark: NAME MARK IMAGE, as they were; `-` for what is not there,
# and `? -` where the service itself was not.

begin_change() {
  step apply "Update $(listed "$(first_names "$record/swarm")")" || return
  put "$record/stage" apply || { fail not-writable "the record cannot be written in $state"; return; }
  flush
  changed=yes
}

first_names() { # FILE
  local name rest
  while read -r name rest; do echo "$name"; done <"$1"
}

apply_change() {
  local name label image
  while read -r name label image <&3; do remember_tasks "$name"; done 3<"$record/swarm"
  if [ -n "$compose_files" ]; then deploy_stack; else update_services; fi
}

update_services() {
  local name declared new rest
  while read -r name declared new rest <&3; do
    update_service "$name" --with-registry-auth --image "$(as_spelled "$name" "$new")" --label-add "slipway.run=$id" || return
    bears "$name" "$id" "$wait_timeout" || {
      fail "${reason_code:-not-applied}" "${reason:-$name was not updated: $(said_last)}"
      return
    }
  done 3<"$record/services"
}

# An image that is there already keeps its spelling (`repo:tag@sha256:…`): under another one its tasks would be replaced.
as_spelled() { # NAME REPOSITORY@DIGEST
  local name label image
  while read -r name label image; do
    [ "$name" = "$1" ] || continue
    case $image in
      *@"${2#*@}") [ "$(repository_of "$image")" != "${2%@*}" ] || { printf '%s\n' "$image"; return; } ;;
    esac
  done <"$record/swarm"
  printf '%s\n' "$2"
}

# Whatever the client says: what counts is what the service says afterwards.
update_service() { # NAME --with-registry-auth OPTION…|--rollback
  local service try=0 code
  service=$(full_name "$1")
  shift
  while :; do
    try=$((try + 1)) code=0
    call_authorized 120 service update --detach --quiet "$@" "$service" >"$run/said" 2>&1 || code=$?
    tell_said "$service"
    if [ "$code" = 0 ]; then return 0; fi
    case $(cat "$run/said") in
      *'out of sequence'*) if [ "$try" -ge 5 ]; then return 0; fi ;;
      *) return 0 ;;
    esac
    say '  The service was changed in between: again.'
    sleep 1
  done
}

tell_said() { # SERVICE
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in '' | "$1" | *'overall progress'*) ;; *) printf '  %s\n' "$line" >&6 ;; esac
  done <"$run/said"
}

said_last() {
  local line last='docker did not say why'
  while IFS= read -r line || [ -n "$line" ]; do [ -z "$line" ] || last=$line; done <"$run/said"
  printf '%s\n' "${last#Error response from daemon: }"
}

# Whether the service has a mark, asked for as long as no manager answers.
bears() { # NAME MARK SECONDS
  local code=0 kind its_state label rest
  look_patiently "$1" "$3" || code=$?
  case $code in
    2) return 1 ;;
    1) fail no-manager "$(no_manager "$1"): it is unknown whether $1 was updated"; return ;;
  esac
  IFS='|' read -r kind its_state label rest <"$run/swarm/$1.facts"
  [ "$label" = "$2" ]
}

deploy_stack() {
  local try=0 code
  keep_pins || { fail not-writable "$pins cannot be written"; return; }
  while :; do
    try=$((try + 1)) code=0
    # It may have begun.
    (cd "$directory" && with_settings "$directory/$settings_file" 300 stack deploy --detach=true --with-registry-auth \
      $(stack_options "$directory") -c "$pins" "$stack") >"$run/said" 2>&1 || code=$?
    case $(cat "$run/said") in
      *'unknown flag: --detach'*) code=0; deploy_stack_plainly || code=$? ;;
    esac
    tell_deployed
    [ "$code" != 0 ] || return 0
    case $(cat "$run/said") in *'out of sequence'*) [ "$try" -ge 5 ] || { sleep 1; continue; } ;; esac
    fail not-applied "the stack was not deployed as a whole: $(said_last)"
    return
  done
}

# Before 26.0 it never waited.
deploy_stack_plainly() {
  (cd "$directory" && with_settings "$directory/$settings_file" 300 stack deploy --with-registry-auth \
    $(stack_options "$directory") -c "$pins" "$stack") >"$run/said" 2>&1
}

tell_deployed() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in '' | *'Since --detach'* | *'In a future release'*) ;; *) printf '  %s\n' "$line" >&6 ;; esac
  done <"$run/said"
}

keep_pins() {
  if [ -e "$pins" ]; then cp -p "$pins" "$record/pins"; else : >"$record/no-pins"; fi && write_pins
}

put_pins_back() {
  if [ -e "$record/pins" ]; then cp -p "$record/pins" "$pins"
  elif [ -e "$record/no-pins" ]; then rm -f "$pins"
  fi
}

# Until all of it is what it is to be. What Swarm has turned back by itself meanwhile bears the old mark.
settle_tasks() {
  local name label image whose line list='' ordered names='' worst
  step gate "Wait until $(listed "$(first_names "$record/swarm")") is whole" || return
  put "$record/stage" gate || :
  whose=$(value_of id "$record/run")
  choose_stay
  while read -r name label image <&3; do
    ordered=$(ordered_image "$name")
    [ -n "$ordered" ] || ordered=$(image_now "$name") || { fail no-manager "$(no_manager "$name")"; return; }
    list="$list$name $whose ${ordered:--} $label $image$newline" names="$names $name"
  done 3<"$record/swarm"
  if watch_all "${list%"$newline"}" "$wait_timeout"; then return 0; fi
  worst=$(worst_result $names)
  settle_failed "$worst"
}

# Of a service that is not deployed, what the file has come to.
image_now() { # NAME
  local kind its_state label spec rest code=0
  look_patiently "$1" "$wait_timeout" || code=$?
  [ "$code" != 1 ] || return 1
  [ "$code" = 0 ] || return 0
  IFS='|' read -r kind its_state label spec rest <"$run/swarm/$1.facts"
  printf '%s\n' "$spec"
}

settle_failed() { # WORD NAME: REASON
  local name
  name=${1#* } name=${name%%:*}
  case ${1%% *} in
    superseded) fail updated-by-others "${1#* }" ;;
    gone) fail service-gone "${1#* }" ;;
    lost) fail no-manager "${1#* }" ;;
    paused) show_tasks "$name"; fail update-paused "${1#* }" ;;
    turned-back) show_tasks "$name"; fail turned-back "${1#* }" ;;
    failing) show_tasks "$name"; fail tasks-fail "${1#* }" ;;
    *) show_tasks "$name"; fail not-whole "${1#* }" ;;
  esac
}

# What the failed tasks last said, for the report.
show_tasks() { # NAME
  local text
  text=$( {
    docker service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "$(full_name "$1")" 2>/dev/null | head -n 8
    within 20 docker service logs --raw --tail 10 "$(full_name "$1")" 2>&1 | tail -n 20
  } | without_events)
  [ -n "$text" ] || return 0
  printf '%s\n' "$text" >"$run/said"
  event output "$(lines_in "$run/said") The tasks of $1:"
  indented <"$run/said" >&6
}

# The specification, and the image of every task that runs.
verify_tasks() {
  local name declared new rest kind a b c d e image other
  step verify 'Verify the digest that runs' || return
  while read -r name declared new rest <&4; do
    look_patiently "$name" "$wait_timeout" || { fail no-manager "$(no_manager "$name")"; return; }
    case $(image_in "$name") in *"${new#*@}") ;; *) fail updated-by-others "$name: another update put $(image_in "$name") there"; return ;; esac
    while IFS='|' read -r kind a b c d image rest; do
      case "$kind $b $c" in
        'task running running') case $image in *"${new#*@}") ;; *) fail digest-mismatch "a task of $name runs $image"; return ;; esac ;;
      esac
    done <"$run/swarm/$name.facts"
    say "  $name runs $new$(places_of "$name")"
  done 4<"$record/services"
}

image_in() { # NAME
  local kind its_state label spec rest
  IFS='|' read -r kind its_state label spec rest <"$run/swarm/$1.facts"
  printf '%s\n' "$spec"
}

# `, 2 on sw1, 1 on sw2`; for the verdict, lines of `placed NAME NODE COUNT`.
places_of() { # NAME
  local kind task desired its_state node rest nodes='' line text=''
  while IFS='|' read -r kind task desired its_state node rest; do
    [ "$kind $desired $its_state" != 'task running running' ] || nodes=$nodes$(node_name "$node")$newline
  done <"$run/swarm/$1.facts"
  printf '%s' "$nodes" | LC_ALL=C sort | uniq -c >"$run/swarm/$1.places"
  while read -r line node; do
    text="$text, $line on $node"
    printf 'placed %s %s %s\n' "$1" "$node" "$line" >>"$record/places"
  done <"$run/swarm/$1.places"
  printf '%s\n' "$text"
}

# The public check takes its time: what was whole may not be so any more.
serves_still() {
  local name label image
  while read -r name label image <&3; do
    look_patiently "$name" "$wait_timeout" || { fail no-manager "$(no_manager "$name")"; return; }
    judge "$run/swarm/$name.facts" "$(value_of id "$record/run")" "$(image_in "$name")" '' ''
    case $word in
      superseded) fail updated-by-others "$name: $why"; return ;;
      paused | failing | turned-back) show_tasks "$name"; fail tasks-fail "$name: $why"; return ;;
    esac
  done 3<"$record/swarm"
}

# --- back

roll_back() {
  local code="$reason_code" name label image list='' names='' fresh='' known ordered jobs=''
  note_failure
  rm -f "$record/places"
  outcome=broken
  make_room
  case $code in
    # What others have put there is not undone, and no more than that can be said.
    updated-by-others) outcome=superseded; put_files_back || outcome=broken; return ;;
  esac
  if [ "$(value_of rollback "$record/run")" = false ]; then
    left_as_is=yes
    say '  Not rolled back, as `rollback` is off.'
    return
  fi
  step rollback "Put back $(listed "$(first_names "$record/swarm")")"
  put "$record/stage" rollback || :
  recorded=''
  put_files_back || { note_second_failure; return; }
  choose_stay
  while read -r name label image <&3; do
    known=0
    look_patiently "$name" "$wait_timeout" || known=$?
    if [ "$known" = 1 ]; then fail no-manager "$(no_manager "$name")"; note_second_failure; return; fi
    if [ "$known" = 2 ]; then
      [ "$label" = '?' ] || { fail service-gone "$name: the service was removed"; note_second_failure; return; }
      continue
    fi
    judge "$run/swarm/$name.facts" '' '' '' ''
    ordered=$(ordered_image "$name")
    if [ "$mine" = "$(value_of id "$record/run")" ] && [ -n "$ordered" ] && [ "${spec##*@}" != "${ordered##*@}" ]; then
      is_others; return
    elif [ "$mine" = "$(value_of id "$record/run")" ]; then
      if [ "$label" = '?' ]; then fresh="$fresh $name"; continue; fi
      # Whatever is put there runs once more.
      case $shape in *job) say "  $name: a job has nothing to go back to, and is left as it is."; jobs="$jobs $name"; continue ;; esac
      remember_tasks "$name"
      put_back "$name" "$label" "$image" || { note_second_failure; return; }
    elif [ "$label" = '?' ] || [ "$mine" != "$(filled "$label")" ] || [ "$spec" != "$image" ]; then
      is_others; return
    else
      # Swarm has turned it back, or it was never touched.
      case $update in rollback_*) remember_tasks "$name" ;; *) continue ;; esac
    fi
    list="$list$name $label $image $label $image$newline" names="$names $name"
  done 3<"$record/swarm"
  remove_fresh "$fresh" || { note_second_failure; return; }
  # Swarm waits a minute for a task that never had a place before it starts the one that replaces it.
  if [ -n "$list" ] && ! watch_all "${list%"$newline"}" $((wait_timeout + 90)); then
    settle_failed "$(worst_result $names)"
    case $reason_code in updated-by-others) outcome=superseded ;; esac
    note_second_failure
    return
  fi
  [ -z "$jobs" ] || second_code=job-left why_failed="$why_failed; a job is not put back:$jobs"
  if [ -n "$list" ]; then outcome=rolled-back
  elif [ -n "$jobs" ]; then left_as_is=yes
  elif [ -n "$fresh" ]; then
    outcome=removed
    [ -e "$record/new-stack" ] || outcome=rolled-back
  else outcome=unchanged
  fi
}

is_others() { outcome=superseded why_failed="$why_failed; and another update put ${spec##*/} to $name"; }

put_files_back() { put_settings_back && put_pins_back; }

# Swarm's own way back brings the whole specification; where something came in between, image and mark alone go back.
put_back() { # NAME MARK IMAGE
  if [ "$previous_mark" = "$(filled "$2")" ] && [ "$previous_image" = "$3" ]; then
    update_service "$1" --rollback
    if bears "$1" "$(filled "$2")" "$wait_timeout"; then return 0; fi
    [ -z "$reason_code" ] || return 1
  fi
  say "  $1: restoring only its image and its label."
  if [ "$2" = - ]; then update_service "$1" --image "$3" --label-rm slipway.run
  else update_service "$1" --image "$3" --label-add "slipway.run=$2"
  fi
  bears "$1" "$(filled "$2")" "$wait_timeout" || fail "${reason_code:-not-restored}" "${reason:-$1 could not be put back: $(said_last)}"
}

remove_fresh() { # NAMES
  local name
  [ -n "$1" ] || return 0
  if [ -n "$compose_files" ] && [ -e "$record/new-stack" ]; then
    docker stack rm "$stack" >"$run/said" 2>&1 || { fail not-removed "the stack could not be removed: $(said_last)"; return; }
    say "  Removed the stack $stack, which was not there before."
    return
  fi
  for name in $1; do
    docker service rm "$(full_name "$name")" >"$run/said" 2>&1 || { fail not-removed "$name could not be removed: $(said_last)"; return; }
    say "  Removed $name, which was not there before."
  done
}
