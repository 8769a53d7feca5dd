# Reports the state that the deploys of a project left on the server. Needs answer.sh and writable.sh.

# Reports what is in `.slipway`, and whether the login may write there or, if it does not exist yet, create it.
report_state() { # DIRECTORY PROJECT
  for place in "$1/.slipway/$2" "$1/.slipway" "$1"; do
    [ -e "$place" ] || continue
    ! may_write "$place" || ! may_write "$1/.slipway/$2/lock" || ! may_write "$1/.slipway/$2/releases" ||
      ! may_write "$1/.slipway/$2/runs" || say writable
    break
  done
  [ ! -d "$1/.slipway/$2/record" ] || say unfinished
  say unsettled "$(unsettled_services "$1/.slipway/$2" 2>/dev/null)"
  [ ! -r "$1/.slipway/$2/history.tsv" ] || say history "$(head -n 1 "$1/.slipway/$2/history.tsv")" "$(tail -n 1000 "$1/.slipway/$2/history.tsv")"
  [ ! -r "$1/.slipway/$2/copied" ] || say copied "$(sed 's/^[^ ]*  \.\///' "$1/.slipway/$2/copied")"
  report_verified "$1/.slipway/$2/releases"
  # Files that a deploy could not delete, and those that a rollback could not restore.
  [ ! -r "$1/.slipway/$2/copied" ] || say locked.copied "$(locked_files "$1" same <"$1/.slipway/$2/copied")"
  report_kept "$1" "$1/.slipway/$2/kept"
}

# Reports the locked files of each kept release, by its run. Usually there are none, so it checks all releases at once
# first.
report_kept() { # DIRECTORY KEPT
  [ -n "$(cat "$2"/*/prints 2>/dev/null | locked_files "$1" other)" ] || return 0
  for prints in "$2"/*/prints; do
    kept_run=${prints%/prints}
    say locked.kept "${kept_run##*/}" "$(locked_files "$1" other <"$prints")"
  done
}

# Prints the recorded services that the next deploy settles first, as `SERVICE one-shot|-`. For services that the change
# started in addition, it prints the name only.
unsettled_services() { # STATE-DIRECTORY
  for record in "$1/record" "$1"/broken/*; do
    sed -n 's/^\([^ ]*\) [^ ]* [^ ]* [^ ]* \([^ ]*\) .*/\1 \2/p' "$record/services"
    sed -n 's/^\([^ ]*\) .*/\1/p' "$record/made"
  done
}

# Reports the last verified release of each service, and the run that deployed it.
report_verified() { # RELEASES
  for current in "$1"/*/current; do
    read -r release 2>/dev/null <"$current" || continue
    current=${current%/current}
    [ ! -r "$current/$release/release" ] || say verified "service ${current##*/}" "$(cat "$current/$release/release")"
  done
}

may_write() { [ ! -e "$1" ] || [ -w "$1" ]; }
