# What the deploys of a project have left on the server. Needs answer.sh and writable.sh.

# Where the transaction keeps its lock, record and history, in place or yet to be made.
report_state() {
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
  # What could not be deleted, and what a rollback could not restore.
  [ ! -r "$1/.slipway/$2/copied" ] || say locked.copied "$(locked_files "$1" same <"$1/.slipway/$2/copied")"
  report_kept "$1" "$1/.slipway/$2/kept"
}

# Of each kept release, by its run. As a rule nothing is locked, and one look at all of them is enough.
report_kept() { # DIRECTORY KEPT
  [ -n "$(cat "$2"/*/prints 2>/dev/null | locked_files "$1" other)" ] || return 0
  for prints in "$2"/*/prints; do
    kept_run=${prints%/prints}
    say locked.kept "${kept_run##*/}" "$(locked_files "$1" other <"$prints")"
  done
}

# What the next deploy settles first, as it was recorded: lines of `SERVICE one-shot|-`, of what the change started
# besides without the second word.
unsettled_services() {
  for record in "$1/record" "$1"/broken/*; do
    sed -n 's/^\([^ ]*\) [^ ]* [^ ]* [^ ]* \([^ ]*\) .*/\1 \2/p' "$record/services"
    sed -n 's/^\([^ ]*\) .*/\1/p' "$record/made"
  done
}

# What each service was last verified with, and by which run.
report_verified() {
  for current in "$1"/*/current; do
    read -r release 2>/dev/null <"$current" || continue
    current=${current%/current}
    [ ! -r "$current/$release/release" ] || say verified "service ${current##*/}" "$(cat "$current/$release/release")"
  done
}

may_write() { [ ! -e "$1" ] || [ -w "$1" ]; }
