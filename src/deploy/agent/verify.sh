# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# What runs is what was pushed: asked of the running containers, as Compose can end well with the old release still
# there.

verify_release() {
  step verify 'Verify the running digest' || return
  runs_new
}

# Of the snapshot: those containers are asked that the gate has just seen.
runs_new() { each_service service_runs_new; }

service_runs_new() {
  [ "$new" != - ] || return 0
  runs_image "$name" "$new" || { fail digest-mismatch "$name does not run $new"; return; }
  say "  $name runs $new"
}

# By the image's identity; with the classic store that is another digest than the pushed one, which then stands among
# those that the image is known by, under whatever repository.
runs_image() { # SERVICE REPOSITORY@DIGEST
  local images image
  images=$(images_that_run "$1") && [ -n "$images" ] || return
  for image in $images; do
    known_by "$image" "${2#*@}" || return
  done
}

images_that_run() { in_snapshot "$1" | cut -d ' ' -f 4 | LC_ALL=C sort -u; } # SERVICE

known_by() { # IMAGE-ID DIGEST
  local line
  [ "$1" != "$2" ] || return 0
  while read -r line; do
    [ "${line#*@}" != "$2" ] || return 0
  done <<LINES
$(ask image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1")
LINES
  return 1
}

# The same for what was put back.
verify_old() { each_service service_runs_old; }

service_runs_old() {
  local image
  [ "$old" != - ] || return 0
  for image in $(images_that_run "$name"); do
    [ "$image" = "$old" ] || ran_image "$name" "$image" || { fail digest-mismatch "$name does not run its previous image"; return; }
  done
}

# Several containers of a service may have run several images.
ran_image() { # SERVICE IMAGE-ID
  case $newline$(cut -d ' ' -f 1,5 "$record/containers")$newline in *"$newline$1 $2$newline"*) ;; *) return 1 ;; esac
}
