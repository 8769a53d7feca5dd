# shellcheck shell=dash disable=SC2034
# What is asked for: lines of `name value` on stdin up to an empty one, then one line with the registry credential,
# and `end`.
# They are read as data: no shell ever evaluates them.

newline='
'
tab='	'
# Lists are lines, each with its end.
docker_words='' compose_words='' compose_files='' compose_env_files='' read_files='' part_files='' services='' platforms='' env_set=''
mode=deploy directory='' base='' project='' stack='' env_file='' rollback_to='' rollback=true after=''
url='' by='' commit='' number='' workflow='' ref='' tags='' credential=''
wait_timeout=120 stability=10 lock_timeout=600 pull_timeout=900 engine_timeout=300 keep_releases=3
compose_major=2 compose_minor=0

read_parameters() {
  local line value
  while IFS= read -r line && [ -n "$line" ]; do
    value=${line#* }
    keep_line "$line"
    case ${line%% *} in
      mode) mode=$value ;;
      after) after=$value ;;
      directory) directory=$value ;;
      base) base=$value ;;
      project) project=$value ;;
      stack) stack=$value ;;
      docker) docker_words=$docker_words$value$newline ;;
      compose) compose_words=$compose_words$value$newline ;;
      compose-version) read_compose_version "$value" ;;
      compose-file) compose_files=$compose_files$value$newline ;;
      read-file) read_files=$read_files$value$newline ;;
      # What is behind the compose files in the directory.
      part-file) part_files=$part_files$value$newline ;;
      # NAME DECLARED-REFERENCE REPOSITORY@DIGEST|- DECLARED-REPLICAS one-shot|orphan|- STOP-GRACE: what has no digest is
      # chosen from the history, or applied as Compose would (others.sh)
      service) services=$services$value$newline ;;
      # NAME PLATFORM: where it asks for one, the image of that platform is pulled
      platform) platforms=$platforms$value$newline ;;
      compose-env-file) compose_env_files=$compose_env_files$value$newline ;;
      env-file) env_file=$value ;;
      env-set) env_set=$env_set$value$newline ;;
      rollback-to) rollback_to=$value ;;
      rollback) rollback=$value ;;
      tags) tags=$value ;;
      url) url=$value ;;
      by) by=$value ;;
      commit) commit=$value ;;
      number) number=$value ;;
      workflow) workflow=$value ;;
      ref) ref=$value ;;
      wait-timeout) wait_timeout=$value ;;
      stability) stability=$value ;;
      lock-timeout) lock_timeout=$value ;;
      pull-timeout) pull_timeout=$value ;;
      engine-timeout) engine_timeout=$value ;;
      keep-releases) keep_releases=$value ;;
      # SERVICE INDEX ADDRESS|* HOST-PORT CONTAINER-PORT
      relay) relay_ports=$relay_ports$value$newline ;;
      drain) drain=$value ;;
      *) bring_parameter "${line%% *}" "$value" ;;
    esac
  done
  IFS= read -r credential && IFS= read -r line && [ "$line" = end ] || { echo 'The parameters did not arrive whole.'; exit 1; }
  exec </dev/null
  check_parameters
}

# What stands in `$(( ))` is evaluated, and bash runs a command in it: only what is a number gets there. Nine digits
# count no more than the shells can.
is_number() { # TEXT
  case $1 in '' | *[!0-9]* | 0?* | ??????????*) return 1 ;; esac
}

# A moment in seconds or milliseconds has more digits.
is_time() { # TEXT
  case $1 in '' | *[!0-9]* | 0?* | ???????????????*) return 1 ;; esac
}

is_digest() { # sha256:…
  case $1 in sha256:*[!0-9a-f]* | sha256:) return 1 ;; sha256:*) [ ${#1} = 71 ] ;; *) return 1 ;; esac
}

check_parameters() {
  local value line
  for value in "$wait_timeout" "$stability" "$lock_timeout" "$pull_timeout" "$engine_timeout" "$keep_releases" \
    "$hook_timeout" "$drain" "${front_limit:-0}" "${number:-0}"; do
    is_number "$value" || refuse_parameter "$value is no number"
  done
  is_name "$project" || refuse_parameter "project $project"
  [ -z "$stack" ] || is_name "$stack" || refuse_parameter "stack $stack"
  while IFS= read -r line; do
    [ -z "$line" ] || is_service "$line" || refuse_parameter "service $line"
  done <<LINES
$services
LINES
  while IFS= read -r line; do
    [ -z "$line" ] || is_relay "$line" || refuse_parameter "relay $line"
  done <<LINES
$relay_ports
LINES
}

is_service() { # NAME DECLARED-REFERENCE REPOSITORY@DIGEST|- DECLARED-REPLICAS one-shot|orphan|- STOP-GRACE
  local name declared new replicas kind grace rest
  read -r name declared new replicas kind grace rest <<LINE
$1
LINE
  is_name "$name" || return
  case $kind in one-shot | orphan | -) ;; *) return 1 ;; esac
  case $new in -) ;; ?*@*) is_digest "${new#*@}" || return ;; *) return 1 ;; esac
  is_number "$replicas" && is_number "$grace" && [ -z "$rest" ]
}

# They become part of a script.
is_relay() { # SERVICE INDEX ADDRESS|* HOST-PORT CONTAINER-PORT
  local name index address host_port port rest
  read -r name index address host_port port rest <<LINE
$1
LINE
  case $address in '' | *[!0-9A-Fa-f.:*]*) return 1 ;; esac
  is_name "$name" && is_number "$index" && is_number "$host_port" && is_number "$port" && [ -z "$rest" ]
}

is_name() { # TEXT
  case $1 in '' | *[!A-Za-z0-9._-]*) return 1 ;; esac
}

refuse_parameter() { # WHAT
  printf 'Invalid parameters: %s\n' "$1"
  exit 1
}

# What it takes to settle this run when it is dead, for an action that knows no more of it than its place: no command
# of the user's, and no value.
order=''
keep_line() { # LINE
  case $1 in
    'mode '* | 'after '* | env-set* | host-* | run-* | front*) ;;
    *) order=$order$1$newline ;;
  esac
}

read_compose_version() { # 2.40.3
  compose_major=${1%%.*}
  compose_minor=${1#*.}
  compose_minor=${compose_minor%%.*}
  is_number "$compose_major" || compose_major=2
  is_number "$compose_minor" || compose_minor=0
}
