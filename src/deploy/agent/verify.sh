# shellcheck shell=dash disable=SC2154,SC2034,SC2086
# What runs is what was pushed: asked of the running containers, as Compose can end well with the old release still
# there.

verify_release() {
  step verify 'Verify the running digest' || return
  runs_new
}

runs_new() {
  local name declared new rest
  while read -r name declared new rest <&4; do
    [ "$new" != - ] || continue
    runs_image "$name" "$new" || { fail digest-mismatch "$name does not run $new"; return; }
    say "  $name runs $new"
  done 4<"$record/services"
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

images_that_run() { # SERVICE
  local ids
  ids=$(containers_of "$1") && [ -n "$ids" ] || return
  ask inspect --format '{{.Image}}' $ids
}

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
verify_old() {
  local name declared new replicas kind grace old rest image
  while read -r name declared new replicas kind grace old rest <&4; do
    [ "$old" != - ] || continue
    for image in $(images_that_run "$name"); do
      [ "$image" = "$old" ] || ran_image "$name" "$image" || { fail digest-mismatch "$name does not run its previous image"; return; }
    done
  done 4<"$record/services"
}

# Several containers of a service may have run several images.
ran_image() { # SERVICE IMAGE-ID
  local service container title status image rest
  while read -r service container title status image rest; do
    [ "$service $image" != "$1 $2" ] || return 0
  done <"$record/containers"
  return 1
}
