# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# Checks that the pushed image runs. Asks the running containers, because Compose can succeed and leave the old release
# running.

verify_release() {
  step verify 'Verify the running digest' || return
  runs_new
}

# Reads the snapshot, so it checks the same containers as the gate did.
runs_new() { each_service service_runs_new; }

service_runs_new() {
  [ "$new" != - ] || return 0
  runs_image "$name" "$new" || { fail digest-mismatch "$name does not run $new"; return; }
  say "  $name runs $new"
}

# Compares the image ID. In the classic image store, the ID is not the pushed digest; the digest is then one of the
# image's repository digests, under any repository.
runs_image() { # SERVICE REPOSITORY@DIGEST
  local images image
  images=$(images_that_run "$1") && [ -n "$images" ] || return
  for image in $images; do
    has_digest "$image" "${2#*@}" || return
  done
}

images_that_run() { in_snapshot "$1" | cut -d ' ' -f 4 | LC_ALL=C sort -u; } # SERVICE

has_digest() { # IMAGE-ID DIGEST
  local line
  [ "$1" != "$2" ] || return 0
  while read -r line; do
    [ "${line#*@}" != "$2" ] || return 0
  done <<LINES
$(ask image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1")
LINES
  return 1
}

# Does the same for the restored release.
verify_old() { each_service service_runs_old; }

service_runs_old() {
  local image
  [ "$old" != - ] || return 0
  for image in $(images_that_run "$name"); do
    [ "$image" = "$old" ] || ran_image "$name" "$image" || { fail digest-mismatch "$name does not run its previous image"; return; }
  done
}

# The containers of one service may have run different images.
ran_image() { # SERVICE IMAGE-ID
  case $newline$(cut -d ' ' -f 1,5 "$record/containers")$newline in *"$newline$1 $2$newline"*) ;; *) return 1 ;; esac
}
