#!/bin/sh
# Simulates a docker engine and Compose with files, as far as the transaction needs them. Next to this script are:
#   images/ID        the digests of an image, one a line
#   registry/ID      the digests of an image that can be pulled
#   tags/NAME        the image that a tag points to; `%` replaces `/`
#   containers/ID/   a file for each property of a container
#   labels/IMAGE     `HASH/IMAGE`, if an image has labels of Compose, as after `docker commit`
#   behave/IMAGE     the state that its containers reach, unless they run: `exited 3`
#   on               code that a test runs at a call
#   calls            all calls so far
# A compose file has lines of `SERVICE REFERENCE REPLICAS RESTART MORE`; ${TAG} is set in `.env`.
set -u
here=$(cd "${0%/*}" && pwd)
printf '%s\n' "$*" >>"$here/calls"

tag_file() { printf '%s/tags/%s' "$here" "$(printf '%s' "$1" | tr / %)"; }

image_of() { # REFERENCE|ID|REPOSITORY@DIGEST
  if [ -e "$here/images/$1" ]; then echo "$1"; return; fi
  if [ -e "$(tag_file "$1")" ]; then cat "$(tag_file "$1")"; return; fi
  for image in "$here/images"/*; do
    while read -r digest; do
      if [ "$digest" = "$1" ]; then echo "${image##*/}"; return; fi
    done <"$image"
  done
  return 1
}

container_of() { # ID|NAME
  if [ -d "$here/containers/$1" ]; then echo "$1"; return; fi
  for each in "$here/containers"/*/; do
    [ -d "$each" ] || continue
    each=${each%/}
    if [ "$(cat "$each/name")" = "$1" ]; then echo "${each##*/}"; return; fi
  done
  return 1
}

of() { cat "$here/containers/$1/$2" 2>/dev/null; } # ID WHAT

is() { printf '%s\n' "$3" >"$here/containers/$1/$2"; } # ID WHAT VALUE

show_container() { # ID FORMAT
  case $2 in '{{.ID}}{{range'*Networks*) of "$1" networks; return ;; esac
  printf '%s\n' "$2" | sed -e "s|{{index .Config.Labels \"com.docker.compose.image\"}}|$(of "$1" made-from)|" \
    -e 's/{{.service := .*Labels "com.docker.compose.service"}}//' -e "s/{{\$service}}/$(of "$1" service)/" \
    -e "s|{{.ID}}{{range .*Networks.*|$(of "$1" networks)|" \
    -e 's/{{if .State.Health}}{{.State.Health.Status}} {{.State.Health.FailingStreak}}{{else}}none 0{{end}}/none 0/' \
    -e 's/{{if .State.Health}}{{.State.Health.Status}} .*{{else}}none 0{{end}}/none 0/' \
    -e 's/{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}/none/' \
    -e 's/{{if .State.Health}}.*{{end}}$//' \
    -e "s|{{index .Config.Labels \"com.docker.compose.service\"}}|$(of "$1" service)|" \
    -e "s|{{index .Config.Labels \"com.docker.compose.config-hash\"}}|$(of "$1" hash)|" \
    -e "s|{{.ID}}|$1|" -e "s|{{slice .Name 1}}|$(of "$1" name)|" -e "s|{{.State.Status}}|$(of "$1" status)|" \
    -e "s|{{.State.ExitCode}}|$(of "$1" exit)|" -e "s|{{.Image}}|$(of "$1" image)|" -e 's|{{.RestartCount}}|0|' \
    -e "s|{{.State.StartedAt}}|$(of "$1" started)|" -e "s|{{.HostConfig.RestartPolicy.Name}}|$(of "$1" policy)|" \
    -e "s|{{.Config.Image}}|$(of "$1" reference)|" \
    -e "s|{{if .Config.StopTimeout}}{{.Config.StopTimeout}}{{else}}10{{end}}|$(of "$1" grace)|"
}

show_image() { # ID FORMAT
  case $2 in
    *RepoTags*RepoDigests*)
      show_image "$1" RepoTags | sed -n 's/^./tag &/p'
      sed 's/^/digest /' "$here/images/$1"
      ;;
    *RepoDigests*) cat "$here/images/$1"; echo ;;
    *RepoTags*)
      for tag in "$here/tags"/*; do
        [ "$(cat "$tag")" != "$1" ] || printf '%s\n' "${tag##*/}" | tr % /
      done
      echo
      ;;
    *config-hash*) echo "$1 $(sed 's|/| /|' "$here/labels/$1" 2>/dev/null || echo ' /')" ;;
    *) printf '%s\n' "$2" | sed "s|{{.ID}}|$1|" ;;
  esac
}

# Creates a container, whose name is free and whose image exists, and starts it unless `made` is set.
create() { # SERVICE NAME REFERENCE IMAGE HASH POLICY
  serial=$(($(cat "$here/last" 2>/dev/null || echo 0) + 1))
  echo "$serial" >"$here/last"
  id=$(printf '%064x' "$serial")
  mkdir "$here/containers/$id"
  is "$id" service "$1"
  is "$id" name "$2"
  is "$id" reference "$3"
  is "$id" image "$4"
  is "$id" hash "$5"
  is "$id" made-from "$4"
  is "$id" policy "$6"
  is "$id" exit 0
  is "$id" grace 10
  is "$id" networks "$id app/net1/$1"
  is "$id" status created
  [ "${made-}" ] || start "$id"
}

start() { # ID
  [ "$(of "$1" status)" != running ] || return 0
  state=$(cat "$here/behave/$(of "$1" image)" 2>/dev/null) || state=running
  is "$1" status "${state% *}"
  case $state in *' '*) is "$1" exit "${state#* }" ;; *) is "$1" exit 0 ;; esac
  is "$1" started "start-$(wc -l <"$here/calls")"
}

containers_of() { # SERVICE|''
  for each in "$here/containers"/*/; do
    [ -d "$each" ] || continue
    each=${each%/}
    [ -z "$1" ] || [ "$(cat "$each/service")" = "$1" ] || continue
    [ ! -s "$each/hash" ] || [ -z "$(cat "$each/hash")" ] || echo "${each##*/}"
  done
}

compose() {
  file='' env='' scales='' force='' keep='' made='' names='' directory=$PWD
  while :; do
    case $1 in
      -f) file=$2 ;;
      -p) ;;
      --project-directory) directory=$2 ;;
      --env-file) env=$2 ;;
      --profile) ;;
      # Nothing differs from the compose file.
      --dry-run) return ;;
      *) break ;;
    esac
    shift 2
  done
  file=${file:-$directory/compose.yaml} env=${env:-$directory/.env}
  command=$1
  shift
  case $command in
    up) ;;
    config)
      tag=$(sed -n 's/^TAG=//p' "$env" 2>/dev/null | tail -n 1)
      [ "${1-}" = -q ] || sed "s|\${TAG}|$tag|" "$file"
      return
      ;;
    *) return 9 ;;
  esac
  while [ $# -gt 0 ]; do
    case $1 in
      --pull) shift ;;
      --scale) scales="$scales $2" && shift ;;
      --force-recreate) force=yes ;;
      --no-recreate) keep=yes ;;
      --no-start) made=yes ;;
      -*) ;;
      *) names="$names $1" ;;
    esac
    shift
  done
  for scale in $scales; do
    case " $names " in *" ${scale%=*} "*) ;; *) echo "no such service: ${scale%=*}: disabled" >&2; return 1 ;; esac
  done
  for name in $names; do up_service "$name" || return; done
}

up_service() { # SERVICE
  line=$(grep "^$1 " "$file") || { echo "no such service: $1" >&2; return 1; }
  tag=$(sed -n 's/^TAG=//p' "$env" 2>/dev/null | tail -n 1)
  line=$(printf '%s\n' "$line" | sed "s|\${TAG}|$tag|")
  read -r _ reference count policy _ <<LINE
$line
LINE
  policy=${policy:-no} count=${count:-1}
  for scale in $scales; do [ "${scale%=*}" != "$1" ] || count=${scale#*=}; done
  hash=$(printf '%s\n' "$line" | cksum | tr -dc '0-9')
  image=$(image_of "$reference") || { echo "No such image: $reference" >&2; return 1; }
  number=0
  for id in $(containers_of "$1"); do
    number=$((number + 1))
    if [ "$number" -gt "$count" ]; then rm -r "$here/containers/$id"; continue; fi
    if [ "$keep" ] || { [ ! "$force" ] && [ "$(of "$id" image) $(of "$id" hash)" = "$image $hash" ]; }; then
      [ "${made-}" ] || start "$id"
    else
      title=$(of "$id" name)
      rm -r "$here/containers/$id"
      create "$1" "$title" "$reference" "$image" "$hash" "$policy"
    fi
  done
  while [ "$number" -lt "$count" ]; do
    number=$((number + 1))
    create "$1" "test-$1-$number" "$reference" "$image" "$hash" "$policy"
  done
}

# shellcheck disable=SC1091
[ ! -e "$here/on" ] || . "$here/on"
[ ! -e "$here/down" ] || exit 1

case $1 in
  version) echo 27.0.0 ;;
  context) exit 1 ;;
  compose) shift; compose "$@" ;;
  pull)
    for last in "$@"; do :; done
    found=$(grep -lxF "$last" "$here/registry"/*) || { echo "manifest unknown: $last"; exit 1; }
    cp "$found" "$here/images/"
    ;;
  tag)
    image=$(image_of "$2") || { echo "No such image: $2" >&2; exit 1; }
    printf '%s\n' "$image" >"$(tag_file "$3")"
    ;;
  rmi)
    shift
    for name in "$@"; do
      image=$(image_of "$name") || exit 1
      left=$(show_image "$image" RepoTags)
      if [ -e "$(tag_file "$name")" ]; then
        if [ "$left" = "$name" ] && grep -qx "$image" "$here/containers"/*/image 2>/dev/null; then exit 1; fi
        rm "$(tag_file "$name")"
        [ "$left" != "$name" ] || [ -s "$here/images/$image" ] || rm "$here/images/$image"
      else
        grep -vxF "$name" "$here/images/$image" >"$here/left"
        mv "$here/left" "$here/images/$image"
        [ -s "$here/images/$image" ] || rm "$here/images/$image"
      fi
    done
    ;;
  images) cd "$here/tags" && for tag in *; do case $tag in slipway%kept:*) echo "$tag" | tr % / ;; esac; done ;;
  image)
    shift 2
    format='[]' code=0
    [ "$1" != --format ] || { format=$2; shift 2; }
    for name in "$@"; do
      if image=$(image_of "$name"); then show_image "$image" "$format"; else echo 'No such image' >&2; code=1; fi
    done
    exit "$code"
    ;;
  ps)
    case " $* " in *' label=com.docker.compose.'*) ;; *) exit ;; esac
    containers_of "$(printf '%s\n' "$@" | sed -n 's/^label=com.docker.compose.service=//p')"
    ;;
  inspect)
    shift
    [ "$1" != --type ] || shift 2
    format=$2
    shift 2
    for name in "$@"; do
      id=$(container_of "$name") || { echo "No such container: $name" >&2; exit 1; }
      show_container "$id" "$format"
    done
    ;;
  start | stop | rm | rename)
    command=$1
    shift
    while [ $# -gt 0 ]; do
      case $1 in -*) shift; continue ;; esac
      id=$(container_of "$1") || { echo "No such container: $1" >&2; exit 1; }
      case $command in
        start) start "$id" ;;
        stop) is "$id" status exited ;;
        rm) rm -r "$here/containers/$id" ;;
        rename) is "$id" name "$2"; shift ;;
      esac
      echo "$1"
      shift
    done
    ;;
  logs) echo 'a line of its log' ;;
  *) exit 9 ;;
esac
