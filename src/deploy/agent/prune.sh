# shellcheck shell=dash disable=SC2154,SC2034,SC2046
# The last releases stay for a rollback. Away go only older images of these services, by the names that we gave them
# ourselves; the engine itself refuses for what a container uses.

prune() { # VERDICT
  local name rest
  while read -r name rest <&4; do prune_service "$1"; done 4<"$record/services"
}

prune_service() { # VERDICT
  local keep image rest number=0 listed
  keep=" $(kept_by_record "$1") "
  listed=$(verified_images "$name")
  while read -r image rest; do
    [ -n "$image" ] || continue
    number=$((number + 1))
    [ "$number" -gt $((keep_releases + 1)) ] || keep="$keep$(kept_name "$name" "$image") "
  done <<LINES
$listed
LINES
  docker images --format '{{.Repository}}:{{.Tag}}' slipway/kept >"$run/kept" 2>/dev/null || return 0
  while read -r image <&5; do
    case $image in "slipway/kept:$project.$name."????????????) ;; *) continue ;; esac
    case $keep in *" $image "*) ;; *) forget "$image" ;; esac
  done 5<"$run/kept"
  rm -f "$run/kept"
}

# What serves now and what served before stay in any case.
kept_by_record() { # VERDICT
  local service declared new replicas kind grace old old_reference kept rest
  while read -r service declared new replicas kind grace old old_reference kept rest; do
    [ "$service" = "$name" ] || continue
    [ "$1" != ok ] || kept_name "$name" "$new"
    [ "$kept" = - ] || echo "$kept"
  done <"$record/services" | tr '\n' ' '
}

# An image that has no other name goes with ours; its digests would keep it otherwise.
forget() { # KEPT-NAME
  local names digest shown
  names=$(docker image inspect --format '{{range .RepoTags}}{{println .}}{{end}}' "$1" 2>/dev/null)
  shown=$(reference_of "$1" '')
  set -- "$1" $(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1" 2>/dev/null)
  docker rmi "$1" >/dev/null 2>&1 || return 0
  [ "$names" = "$1" ] || return 0
  say "  Removed the image ${shown:-$1}."
  shift
  for digest in "$@"; do docker rmi "$digest" >/dev/null 2>&1; done
  return 0
}
