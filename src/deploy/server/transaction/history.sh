# shellcheck shell=dash disable=SC2154,SC2034
# The history of a project: a line for every service of every run that got as far as a record, only ever added to.

history_columns='when verdict service image tags commit ref number by seconds stage url id previous'

write_history() { # VERDICT RECORD
  local name declared new replicas kind grace old old_reference rest who began
  # shellcheck disable=SC2086 # words
  [ -e "$history" ] || tabbed $history_columns >"$history" && share "$history" || return 0
  who=$2/run
  began=$(value_of began-at "$who")
  while read -r name declared new replicas kind grace old old_reference rest; do
    tabbed "$(utc)" "$1" "$name" "$new" "$(value_of tags "$who")" "$(value_of commit "$who")" \
      "$(value_of ref "$who")" "$(value_of number "$who")" "$(value_of by "$who")" $(($(date +%s) - began)) \
      "${failed_stage:--}" "$(value_of url "$who")" "$(value_of id "$who")" \
      "$(bare "$old_reference" "$old")"
  done >>"$history" <"$2/services" || say '  The history could not be written.'
}

tabbed() { # VALUE…
  local line='' value
  for value in "$@"; do line=$line$tab${value:--}; done
  printf '%s\n' "${line#"$tab"}"
}

# The images that a service was verified with, the latest first, each once: lines of `IMAGE WHEN TAGS`.
verified_images() { # SERVICE
  local when verdict service image tags rest list=''
  while IFS=$tab read -r when verdict service image tags rest; do
    [ "$service $verdict" = "$1 ok" ] || continue
    list=$(without "$image" "$list")
    list="$image $when $tags$newline$list"
  done 2>/dev/null <"$history"
  printf '%s' "$list"
}

without() { # IMAGE LIST
  local line IFS="$newline"
  for line in $2; do
    case $line in "$1 "*) ;; *) printf '%s\n' "$line" ;; esac
  done
  echo .
}

# `rollback-to`: an earlier release takes the place of the pushed one.
choose_release() {
  local name declared new replicas kind grace chosen list=''
  [ -n "$rollback_to" ] || return 0
  step choose "Choose $rollback_to from the history" || return
  while read -r name declared new replicas kind grace <&3; do
    [ -n "$name" ] || continue
    chosen=$(release_named "$name" "$rollback_to")
    [ -n "$chosen" ] || { unknown_release "$name"; return; }
    say "  $name: $chosen"
    list="$list$name $declared $chosen $replicas $kind $grace$newline"
  done 3<<LINES
$services
LINES
  services=$list
}

release_named() { # SERVICE previous|DIGEST|TAG
  local image when tags current
  [ "$2" != previous ] || current=$(images_that_run "$1")
  verified_images "$1" | while read -r image when tags; do
    case $2 in
      previous) runs_image "$1" "$image" || { echo "$image"; break; } ;;
      sha256:*) case ${image#*@} in "$2"*) echo "$image"; break ;; esac ;;
      *) case " $tags " in *" $2 "*) echo "$image"; break ;; esac ;;
    esac
  done
}

unknown_release() { # SERVICE
  fail "the history of $1 has no release $rollback_to"
  verified_images "$1" | indented
  return 1
}
