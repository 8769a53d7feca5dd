# shellcheck shell=dash disable=SC2034
# What is asked for. On stdin come, with an empty line between: settings, which are assignments to these variables; the
# program, which is the run's steps; one line with the registry credential; and `end`. src/deploy/order.ts writes them,
# with every value in quotes and checked there. Lists are lines, each with its end.

newline='
'
tab='	'
docker_words='' compose_words='' compose_files='' compose_env_files='' read_files='' part_files='' platforms='' env_set=''
# NAME DECLARED-REFERENCE REPOSITORY@DIGEST|- DECLARED-REPLICAS one-shot|orphan|- STOP-GRACE: what has no digest is chosen
# from the history, or applied as Compose would (others.sh)
services=''
# SERVICE INDEX ADDRESS|* HOST-PORT CONTAINER-PORT
relay_ports=''
directory='' base='' project='' stack='' env_file='' settings_file=.env files_delete=false rollback_to='' rollback=true dependencies='' waves=''
url='' by='' commit='' number=0 workflow='' ref='' tags='' credential='' check_url='' check_limit='' on_lost=keep
wait_timeout=120 stability=10 lock_timeout=600 pull_timeout=900 engine_timeout=300 hook_timeout=600 drain=10
keep_releases=3 compose_major=2 compose_minor=0 undo='' settings='' program=''

# All of it is read before any of it runs: half an order is none.
read_order() {
  local line
  read_block && settings=$block && read_block && program=$block && IFS= read -r credential && IFS= read -r line &&
    [ "$line" = end ] || { echo 'The order did not arrive whole.'; exit 1; }
  exec </dev/null
  eval "$settings"
}

read_block() {
  local line
  block=''
  while IFS= read -r line; do
    [ -n "$line" ] || return 0
    block=$block$line$newline
  done
  return 1
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

is_name() { # TEXT
  case $1 in '' | *[!A-Za-z0-9._-]*) return 1 ;; esac
}
