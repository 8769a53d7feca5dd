# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2016
# The record of what ran, written before anything is touched. It is enough for any run to restore the previous release.
# The directory is renamed into place when it is complete:
#   run          who makes this change
#   script       the script that wrote this: the next run, of whatever version, settles the change with it
#   order        what that script then reads on its stdin
#   stage        the stage that it reached; from `up` on, the running service may have been touched
#   services     NAME DECLARED NEW REPLICAS KIND GRACE | IMAGE-ID REPOSITORY@DIGEST KEPT-AS POINTED-TO COUNT RAN
#   former       SERVICE REFERENCE: what the containers were created from, if it is not the reference declared now
#   containers   SERVICE ID NAME STATUS IMAGE-ID RESTARTS CONFIG-HASH, of those that count
#   networks     ID NETWORKS: the networks of each container, with its addresses and aliases
#   on-lost      keep|roll back: what happens to the release if the runner is lost before the public check
#   forward      the stages in which an interrupted change may go forward
#   pinned       the references may point to the new images
#   made         SERVICE new|stopped: dependencies that this deploy starts, and what they were before
#   recreated    recreated SERVICE WHY: services for which a relay or start-first was planned
#   touched      SERVICE new|anew: what Compose has created or recreated, of the services left to it: see others.sh
#   before/      of earlier changes that broke: what they uploaded, and what that replaced
#   files/NAME/  the compose files and the .env file that the service runs with
# `-` stands for an empty field.

# Runs COMMAND for each line of record/services, with the fields in variables of these names. Stops if COMMAND fails. No
# other function splits these lines.
each_service() { # COMMAND [ARGUMENT…]
  local name declared new replicas kind grace old old_reference kept pointer count ran
  while read -r name declared new replicas kind grace old old_reference kept pointer count ran <&4; do
    [ -z "$name" ] || "$@" || return
  done 4<"$record/services"
}

service_line() { printf '%s\n' "$name $declared $new $replicas $kind $grace $old $old_reference $kept $pointer $count $ran"; }

# Runs COMMAND for each service of the order, with the fields of the order.
each_ordered() { # COMMAND [ARGUMENT…]
  local name declared new replicas kind grace
  while read -r name declared new replicas kind grace <&4; do
    [ -z "$name" ] || "$@" || return
  done 4<<LINES
$services
LINES
}

record_release() {
  step record 'Record the running release' || return
  rm -rf "$state/record.new"
  [ ! -e "$state/record" ] || { fail unsettled 'the state left by an interrupted deploy could not be cleaned up'; return; }
  mkdir -p "$state/record.new/files" && write_record "$state/record.new" || {
    rm -rf "$state/record.new"
    [ -n "$reason" ] || record_unwritable
    return 1
  }
  flush
  mv "$state/record.new" "$state/record" || { record_unwritable; return; }
  record=$state/record recorded=yes
}

write_record() { # DIRECTORY
  copied=''
  : >"$1/services" && : >"$1/containers" && : >"$1/former" && : >"$1/networks" && record_run "$1" || return
  # A container may disappear between the two queries: the project may have many.
  { snapshot && describe >"$1/more"; } || { snapshot && describe >"$1/more"; } ||
    { fail engine-unreachable 'the Docker engine did not describe the containers'; return; }
  each_ordered record_service "$1" || return
  rm -f "$1/more"
  share "$1" "$1/files" "$1"/services "$1"/containers "$1"/former "$1"/networks
}

record_run() { # DIRECTORY
  put "$1/stage" record && put "$1/run" "id $id" "url $url" "by $by" "commit $commit" "number $number" \
    "workflow $workflow" "ref $ref" "tags $tags" "rollback $rollback" \
    "env-file $env_file" "began-at $(date +%s)" || return
  { ln "$run/script" "$1/script" 2>/dev/null || cp "$run/script" "$1/script"; } && cp "$run/order" "$1/order" &&
    share "$1/script" "$1/order" || return
  [ -z "$check_limit" ] || put "$1/on-lost" "$on_lost"
}

record_service() { # DIRECTORY
  local broken old='-' old_reference='-' kept='-' pointer count=0 ran=0
  pointer=$(ask image inspect --format '{{.ID}}' "$declared") || pointer=-
  broken=$(broken_record_of "$name")
  if [ -n "$broken" ]; then
    take_over "$broken" "$1" || return
  else
    read_containers "$1" && { [ "$count" = 0 ] || name_old_image; } && read_details "$1" || return
    save_files "$name" "$1" && say "  $name: $(shown_release)" || return
  fi
  service_line >>"$1/services"
}

# Prints what the snapshot lacks: the reference that each container was created from, its stop timeout, and its
# networks. A stopped container keeps its networks; one that is disconnected loses them.
describe() {
  local ids
  ids=$(cut -d ' ' -f 2 "$run/snapshot")
  [ -z "$ids" ] || ask inspect --format '{{$service := index .Config.Labels "com.docker.compose.service"}}from {{$service}} {{.Config.Image}}
grace {{$service}} {{if .Config.StopTimeout}}{{.Config.StopTimeout}}{{else}}10{{end}}
networks {{$service}} '"$networks_format" $ids
}

# Running containers count: the release is their image, and their number is the scale. Dead containers beside them are
# left over from something that failed, except as many as the compose file asks for. If nothing runs, every container
# that was ever started counts.
read_containers() { # DIRECTORY
  local container title status image restarts hash rest total=0 created=0 spare
  in_snapshot "$name" >"$run/containers"
  while read -r container title status rest; do
    total=$((total + 1))
    case $status in
      running | restarting) ran=$((ran + 1)) ;;
      created) created=$((created + 1)) ;;
    esac
  done <"$run/containers"
  spare=$((replicas - ran))
  [ "$ran" != 0 ] || spare=$total
  while read -r container title status image restarts hash rest; do
    case $status in
      running | restarting) old=$image ;;
      *)
        if [ "$spare" -le 0 ]; then continue; fi
        if [ "$status" = created ] && [ "$created" -lt "$total" ]; then continue; fi
        spare=$((spare - 1))
        [ "$old" != - ] || old=$image
        ;;
    esac
    count=$((count + 1))
    printf '%s\n' "$name $container $title $status $image $restarts $hash" >>"$1/containers" || return
  done <"$run/containers"
}

networks_format='{{.ID}}{{range $name, $net := .NetworkSettings.Networks}} {{$name}}/{{$net.NetworkID}}/{{$net.Aliases}}/{{if $net.IPAMConfig}}{{$net.IPAMConfig.IPv4Address}}{{$net.IPAMConfig.IPv6Address}}{{end}}{{end}}'

read_details() { # DIRECTORY
  local what service text
  while read -r what service text; do
    [ "$service" = "$name" ] || continue
    case $what in
      networks) printf '%s\n' "$text" >>"$1/networks" || return ;;
      # The engine uses the stop timeout that a container was created with, which may be longer than the new one.
      grace) ! is_number "$text" || [ "$text" -le "$grace" ] || grace=$text ;;
      # A variable of the .env file may have had another value then.
      from) case $text in '' | "$declared" | *@* | sha256:*) ;; *) printf '%s\n' "$name $text" >>"$1/former" || return ;; esac ;;
    esac
  done <"$1/more"
}

record_unwritable() { fail not-writable "the record cannot be written in $state"; }

# Compose removes the old container, and the pin takes the tag of the old image. Without a tag of ours, the next `docker
# image prune` would remove the image that a rollback needs.
name_old_image() {
  old_reference=$(reference_of "$old" "${new%@*}")
  kept=$(kept_name "$name" "${old_reference:-$old}")
  ask tag "$old" "$kept" || { log_error; fail not-tagged "the running image of $name cannot be tagged $kept"; }
  old_reference=${old_reference:--}
}

# Returns `repo@sha256:…` of an image: in the repository that is deployed, if there is one, else the first.
reference_of() { # IMAGE-ID REPOSITORY
  local line first=''
  while read -r line; do
    case $line in '' | slipway/kept@*) continue ;; "$2"@*) first=$line; break ;; esac
    first=${first:-$line}
  done <<LINES
$(ask image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1")
LINES
  echo "$first"
}

# Returns a tag, because a tag may contain every character of a service name, and a repository may not.
kept_name() { # SERVICE REFERENCE-OR-ID
  local hash="${2##*sha256:}" rest
  rest=${hash#????????????}
  echo "slipway/kept:$project.$1.${hash%"$rest"}"
}

shown_release() {
  case $count in
    0) echo 'not running yet' ;;
    *) echo "$(reference_or_id "$old_reference" "$old"), $ran of $count running" ;;
  esac
}

reference_or_id() { if [ "$1" != - ]; then echo "$1"; else echo "$2"; fi; }

# A rename must be on the disk before anything that depends on it. A slow disk is not waited for indefinitely.
flush() { $limiter 20 sync 2>/dev/null || :; }
