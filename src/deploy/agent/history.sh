# shellcheck shell=dash disable=SC2154,SC2034
# The history of a project: one line per service for each run that wrote a record. Lines are only appended.

history_columns='when verdict service image tags commit ref number by seconds stage url id previous settings'

write_history() { # VERDICT RECORD
  local record="$2" who began logged=''
  # shellcheck disable=SC2086 # words
  [ -e "$history" ] || tabbed $history_columns >"$history" && share "$history" || return 0
  who=$2/run
  began=$(value_of began-at "$who")
  is_time "$began" || began=$(date +%s)
  # A history that was created without this column stays without it.
  case $(head -n 1 "$history") in *"${tab}settings") logged=yes ;; esac
  each_service write_line "$1" >>"$history" || say '  The history could not be written.'
}

write_line() { # VERDICT
  [ "$new" != - ] || return 0
  tabbed "$(utc)" "$1" "$name" "$new" "$(value_of tags "$who")" "$(value_of commit "$who")" \
    "$(value_of ref "$who")" "$(value_of number "$who")" "$(value_of by "$who")" $(($(date +%s) - began)) \
    "${failed_stage:--}" "$(value_of url "$who")" "$(value_of id "$who")" \
    "$(reference_or_id "$old_reference" "$old")" ${logged:+"$(cat "$record/settings" 2>/dev/null)"}
}

tabbed() { # VALUE…
  local line='' value
  for value in "$@"; do line=$line$tab${value:--}; done
  printf '%s\n' "${line#"$tab"}"
}

# Prints the images that a service was verified with, newest first, each once: lines of `IMAGE WHEN COMMIT TAG…`.
verified_images() { # SERVICE
  local when verdict service image tags commit rest list=''
  while IFS=$tab read -r when verdict service image tags commit rest; do
    [ "$service $verdict" != "$1 ok" ] || list="$image $when $commit $tags$newline$list"
  done <<LINES
$(recent_history)
LINES
  each_once "$list"
}

# The history is never truncated; the images of older lines no longer exist.
recent_history() { tail -n 1000 "$history" 2>/dev/null; }

# Prints only the first of the lines that begin with the same word.
each_once() { # LINES
  local word rest seen=' '
  while read -r word rest; do
    case $seen in *" $word "*) continue ;; esac
    seen="$seen$word "
    [ -z "$word" ] || printf '%s\n' "$word${rest:+ $rest}"
  done <<LINES
$1
LINES
}

# Prints the image that had a tag last, because a later deploy may have moved the tag.
tagged_image() { # SERVICE TAG
  local when verdict service image its_tags commit rest found=''
  while IFS=$tab read -r when verdict service image its_tags commit rest; do
    case "$service $verdict $its_tags " in "$1 ok "*" $2 "* | "$1 ok $2 "*) found=$image ;; esac
  done 2>/dev/null <"$history"
  [ -z "$found" ] || echo "$found"
}

# For `rollback-to`: an earlier release replaces the pushed one, and is recorded with its own commit and tags.
choose_release() {
  local list='' with=''
  [ -n "$rollback_to" ] || return 0
  step choose "Choose $rollback_to from the history" && snapshot && each_ordered choose_for_service || return
  services=$list
  stage_kept "$with"
}

choose_for_service() {
  local chosen
  chosen=$(release_named "$name" "$rollback_to")
  [ -n "$chosen" ] || { unknown_release "$name"; return; }
  say "  $name: $chosen"
  list="$list$name $declared $chosen $replicas $kind $grace$newline"
  know_again "$name" "$chosen"
  came_with "$name" "$chosen"
}

# The project has one set of files: if the services come from several releases, that of the latest.
came_with() { # SERVICE IMAGE
  local image its_run
  while read -r image its_run; do
    [ "$image" = "$2" ] || continue
    case $with in '' | "$its_run") with=$its_run ;; *) with=$(later_run "$with" "$its_run") ;; esac
  done <<LINES
$(verified_runs "$1")
LINES
}

later_run() { # RUN-ID RUN-ID
  local when verdict service image tags commit ref number by took stage url its_id rest last="$1"
  while IFS=$tab read -r when verdict service image tags commit ref number by took stage url its_id rest; do
    case $its_id in "$1" | "$2") last=$its_id ;; esac
  done <"$history"
  echo "$last"
}

# Prints lines of `IMAGE RUN-ID`: the images of verified_images, with the last run that verified each.
verified_runs() { # SERVICE
  local when verdict service image tags commit ref number by took stage url its_id rest list=''
  while IFS=$tab read -r when verdict service image tags commit ref number by took stage url its_id rest; do
    [ "$service $verdict" != "$1 ok" ] || list="$image $its_id$newline$list"
  done <<LINES
$(recent_history)
LINES
  each_once "$list"
}

release_named() { # SERVICE previous|DIGEST|TAG
  local image rest
  case $2 in previous | sha256:*) ;; *) tagged_image "$1" "$2"; return ;; esac
  verified_images "$1" | while read -r image rest; do
    case $2 in
      previous) runs_image "$1" "$image" || { echo "$image"; break; } ;;
      *) case ${image#*@} in "$2"*) echo "$image"; break ;; esac ;;
    esac
  done
}

know_again() { # SERVICE IMAGE
  local image when its_commit its_tags
  while read -r image when its_commit its_tags; do
    [ "$image" != "$2" ] || commit=$its_commit tags=$its_tags
  done <<LINES
$(verified_images "$1")
LINES
}

unknown_release() { # SERVICE
  fail release-unknown "the history of $1 has no release $rollback_to"
  verified_images "$1" | indented
  return 1
}
