# shellcheck shell=dash disable=SC2154,SC2034,SC2046,SC2086
# Keeps the images of the last releases for a rollback. Removes only older images of these services, by the tags that
# Slipway gave them. The engine itself refuses to remove an image that a container uses.

prune() { # VERDICT
  docker images --format '{{.Repository}}:{{.Tag}}' slipway/kept >"$run/kept" 2>/dev/null && each_service prune_service "$1"
  rm -f "$run/kept"
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
  while read -r image <&5; do
    case $image in "slipway/kept:$project.$name."????????????) ;; *) continue ;; esac
    case $keep in *" $image "*) ;; *) remove_kept_image "$image" ;; esac
  done 5<"$run/kept"
}

# The release that runs now, and the one that ran before, always stay.
kept_by_record() { # VERDICT
  [ "$1" != ok ] || printf '%s ' "$(kept_name "$name" "$new")"
  [ "$kept" = - ] || printf '%s ' "$kept"
}

# Removes an image together with our tag if it has no other name. Otherwise its digests would keep it.
remove_kept_image() { # KEPT-NAME
  local kind name tags='' digests='' shown=''
  while read -r kind name; do
    case $kind in
      tag) tags="$tags$name " ;;
      digest) digests="$digests$name " ;;
    esac
  done <<LINES
$(docker image inspect --format '{{range .RepoTags}}{{println "tag" .}}{{end}}{{range .RepoDigests}}{{println "digest" .}}{{end}}' "$1" 2>/dev/null)
LINES
  docker rmi "$1" >/dev/null 2>&1 || return 0
  [ "$tags" = "$1 " ] || return 0
  for name in $digests; do
    case $name in slipway/kept@*) ;; *) shown=${shown:-$name} ;; esac
  done
  say "  Removed the image ${shown:-$1}."
  [ -z "$digests" ] || docker rmi $digests >/dev/null 2>&1
  return 0
}
