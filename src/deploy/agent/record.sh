# shellcheck shell=dash disable=SC2154,SC2034,SC2086,SC2016
# What ran, written before anything is touched: enough for anyone to put it back. A directory that is renamed into
# place whole:
#   run          who makes this change
#   script       the very script that wrote this: whoever comes next, of whatever version, settles the change with it
#   order        what that script reads on its stdin for that
#   stage        how far it came; from `up` on, what serves may have been touched
#   services     NAME DECLARED NEW REPLICAS KIND GRACE | IMAGE-ID REPOSITORY@DIGEST KEPT-AS POINTED-TO COUNT RAN
#   former       SERVICE REFERENCE: what the containers were made from, where that is another reference than now
#   containers   SERVICE ID NAME STATUS IMAGE-ID RESTARTS CONFIG-HASH, of those that count
#   networks     ID NETWORKS: where each of them stands, with its addresses and aliases
#   on-lost      keep|roll back: what becomes of the release whose front door nobody has asked yet
#   forward      the stages in which a cut may go forward
#   pinned       the references have begun to mean something else
#   made         SERVICE new|stopped: what it depends on, and was not there
#   touched      SERVICE: what Compose has made anew, of those that it was left to: see others.sh
#   before/      of changes that broke before this one: what they had brought, and replaced
#   files/NAME/  the compose files and the .env that the service runs with
# `-` stands for what is not there.

record_release() {
  step record 'Record the running release' || return
  rm -rf "$state/record.new"
  [ ! -e "$state/record" ] || { fail unsettled 'the state left by an interrupted deploy could not be cleaned up'; return; }
  mkdir -p "$state/record.new/files" && write_record "$state/record.new" || {
    rm -rf "$state/record.new"
    fail "${reason_code:-not-writable}" "${reason:-the record cannot be written in $state}"
    return
  }
  flush
  mv "$state/record.new" "$state/record" || { fail not-writable "the record cannot be written in $state"; return; }
  record=$state/record recorded=yes
}

write_record() { # DIRECTORY
  local name declared new replicas kind grace
  copied=''
  : >"$1/services" && : >"$1/containers" && : >"$1/former" && : >"$1/networks" && record_run "$1" || return
  while read -r name declared new replicas kind grace <&3; do
    record_service "$1" || return
    printf '%s\n' "$name $declared $new $replicas $kind $grace $old $old_reference $kept $pointer $count $ran" \
      >>"$1/services" || return
  done 3<<LINES
${services%"$newline"}
LINES
  share "$1" "$1/files" "$1"/services "$1"/containers "$1"/former "$1"/networks
}

record_run() { # DIRECTORY
  put "$1/stage" record && put "$1/run" "id $id" "url $url" "by $by" "commit $commit" "number $number" \
    "workflow $workflow" "ref $ref" "tags $tags" "rollback $rollback" \
    "env-file $env_file" "began-at $(date +%s)" || return
  { ln "$run/script" "$1/script" 2>/dev/null || cp "$run/script" "$1/script"; } && cp "$run/order" "$1/order" &&
    share "$1/script" "$1/order" || return
  [ -z "$front_limit" ] || put "$1/on-lost" "$on_lost"
}

record_service() { # DIRECTORY
  local broken ids
  pointer=$(ask image inspect --format '{{.ID}}' "$declared") || pointer=-
  broken=$(broken_record_of "$name")
  if [ -n "$broken" ]; then take_over "$broken" "$1"; return; fi
  old='-' old_reference='-' kept='-' count=0 ran=0
  ids=$(containers_of "$name") || { fail engine-unreachable 'the Docker engine did not list the containers'; return; }
  if [ -n "$ids" ]; then
    describe "$ids" >"$1/all" && read_containers "$1" && name_old_image || return
    rm -f "$1/all"
    networks_of $ids >>"$1/networks" || return
    former_references "$ids" >>"$1/former" || return
    longest_grace "$ids" || return
  fi
  save_files "$name" "$1" && say "  $name: $(shown_release)"
}

describe() { # IDS
  ask inspect --format '{{index .Config.Labels "com.docker.compose.service"}} {{.ID}} {{slice .Name 1}} {{.State.Status}} {{.Image}} {{.RestartCount}} {{index .Config.Labels "com.docker.compose.config-hash"}}' $1
}

# What runs counts: the release is its image, and their number the scale. What is dead beside it is left over from
# something that failed, but for as many as the file asks for. Where nothing runs, all that was ever started counts.
read_containers() { # DIRECTORY
  local service container title status image rest total=0 created=0 spare
  while read -r service container title status rest; do
    total=$((total + 1))
    case $status in
      running | restarting) ran=$((ran + 1)) ;;
      created) created=$((created + 1)) ;;
    esac
  done <"$1/all"
  spare=$((replicas - ran))
  [ "$ran" != 0 ] || spare=$total
  while read -r service container title status image rest; do
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
    printf '%s\n' "$service $container $title $status $image $rest" >>"$1/containers" || return
  done <"$1/all"
}

# All of it stays with a container that is stopped, and goes when it is taken off a network.
networks_of() { # ID…
  ask inspect --format '{{.ID}}{{range $name, $net := .NetworkSettings.Networks}} {{$name}}/{{$net.NetworkID}}/{{$net.Aliases}}/{{if $net.IPAMConfig}}{{$net.IPAMConfig.IPv4Address}}{{$net.IPAMConfig.IPv6Address}}{{end}}{{end}}' "$@"
}

# A variable of the .env file may have said something else then.
former_references() { # IDS
  local reference
  ask inspect --format '{{.Config.Image}}' $1 | while read -r reference; do
    case $reference in "$declared" | *@* | sha256:*) ;; *) echo "$name $reference" ;; esac
  done
}

# What runs may have been given longer to stop than what comes: the engine takes the time that it was made with.
longest_grace() { # IDS
  local seconds
  while read -r seconds; do
    ! is_number "$seconds" || [ "$seconds" -le "$grace" ] || grace=$seconds
  done <<LINES
$(ask inspect --format '{{if .Config.StopTimeout}}{{.Config.StopTimeout}}{{else}}10{{end}}' $1)
LINES
}

# Compose removes its container and the pin takes its tag: without a name of ours the next `docker image prune`
# would take the image to roll back to.
name_old_image() {
  old_reference=$(reference_of "$old" "${new%@*}")
  kept=$(kept_name "$name" "${old_reference:-$old}")
  ask tag "$old" "$kept" || { told; fail not-tagged "the running image of $name cannot be tagged $kept"; }
  old_reference=${old_reference:--}
}

# `repo@sha256:…` of an image: under the repository that is deployed, if it has it, else the first.
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

# A tag, as it may hold every character of a service's name, which a repository may not.
kept_name() { # SERVICE REFERENCE-OR-ID
  local hash="${2##*sha256:}" rest
  rest=${hash#????????????}
  echo "slipway/kept:$project.$1.${hash%"$rest"}"
}

shown_release() {
  case $count in
    0) echo 'not running yet' ;;
    *) echo "$(bare "$old_reference" "$old"), $ran of $count running" ;;
  esac
}

bare() { if [ "$1" != - ]; then echo "$1"; else echo "$2"; fi; }

# What was renamed must be on the disk before what depends on it; a slow disk is not waited for for ever.
flush() { $limiter 20 sync 2>/dev/null || :; }
