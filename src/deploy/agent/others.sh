# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# A deploy of the whole project: services that do not run the release have no digest (`-`) in record/services, and are
# left to Compose, which makes anew what has changed and leaves the rest alone. What it has made anew is gated and rolled
# back as the release is; what it has not touched may have been broken before, and says nothing of this deploy. Orphans
# are stopped with the rest, and removed once the release is verified.

is_pinned() { # SERVICE
  local name declared new rest
  while read -r name declared new rest; do
    [ "$name" != "$1" ] || { [ "$new" != - ]; return; }
  done <"$record/services"
  return 1
}

# Of the line that its caller reads.
is_gated() {
  [ "$new" != - ] || { [ "$kind" != orphan ] && [ -n "$(line_of "$name " "$record/touched")" ]; }
}

# Lines of `SERVICE new|anew`. It stays so, whatever comes back.
note_touched() {
  local name declared new replicas kind grace old rest ids
  while read -r name declared new replicas kind grace old rest <&4; do
    if [ "$new" != - ] || [ "$kind" = orphan ] || is_gated; then continue; fi
    ids=$(containers_of "$name") || { fail engine-unreachable 'the docker engine does not say what runs'; return; }
    if [ "$old" = - ]; then
      [ -z "$ids" ] || printf '%s new\n' "$name"
    elif ! all_recorded; then
      printf '%s anew\n' "$name"
    fi
  done 4<"$record/services" >>"$record/touched" || fail not-writable "the record cannot be written in $state"
}

# Not one of them is missing, and none is new.
all_recorded() {
  local id service container rest
  for id in $ids; do is_recorded "$id" || return; done
  while read -r service container rest; do
    [ "$service" != "$name" ] || case $newline$ids$newline in *"$newline$container$newline"*) ;; *) return 1 ;; esac
  done <"$record/containers"
}

stop_orphans() {
  local name declared new replicas kind rest ids
  while read -r name declared new replicas kind rest <&4; do
    if [ "$kind" != orphan ]; then continue; fi
    ids=$(containers_of "$name") || { fail engine-unreachable 'the docker engine does not say what runs'; return; }
    [ -z "$ids" ] || ask stop $ids >/dev/null || { told; fail container-not-stopped "$name could not be stopped"; return; }
  done 4<"$record/services"
}

# Nothing goes back any more. Their volumes stay.
remove_orphans() {
  local name declared new replicas kind grace old old_reference kept rest ids
  while read -r name declared new replicas kind grace old old_reference kept rest <&4; do
    if [ "$kind" != orphan ]; then continue; fi
    ids=$(containers_of "$name") && { [ -z "$ids" ] || ask rm -f $ids >/dev/null; } || {
      told
      say "  $name could not be removed."
      continue
    }
    say "  Removed $name, which the compose files do not have any more."
    [ "$kept" = - ] || forget "$kept"
    rm -rf "$state/releases/$name"
  done 4<"$record/services"
}

# For the summary.
changed_others() {
  local name declared new replicas kind rest line
  while read -r name declared new replicas kind rest; do
    [ "$kind" != orphan ] || printf 'changed %s removed\n' "$name"
  done <"$record/services"
  [ ! -e "$record/touched" ] || while IFS= read -r line; do printf 'changed %s\n' "$line"; done <"$record/touched"
}
