# shellcheck shell=dash disable=SC2034
# The order. Stdin has, with an empty line after each of the first two: settings, which are assignments to these
# variables; the program, which is the list of steps; one line with the registry credential; and `end`.
# src/deploy/order.ts writes it, and checks and quotes every value. Lists have one entry per line, and every line ends
# with a newline.

newline='
'
tab='	'
docker_words='' compose_words='' compose_files='' compose_env_files='' read_files='' part_files='' platforms='' env_set=''
# NAME DECLARED-REFERENCE REPOSITORY@DIGEST|- DECLARED-REPLICAS one-shot|orphan|- STOP-GRACE: for a service without a
# digest, the release comes from the history (`rollback-to`), or Compose decides (others.sh).
services=''
# SERVICE INDEX ADDRESS|* HOST-PORT CONTAINER-PORT
relay_ports=''
directory='' base='' project='' stack='' env_file='' settings_file=.env files_delete=false rollback_to='' rollback=true dependencies='' waves=''
url='' by='' commit='' number=0 workflow='' ref='' tags='' credential='' check_url='' check_limit='' on_lost=keep
wait_timeout=120 stability=10 lock_timeout=600 pull_timeout=900 engine_timeout=300 hook_timeout=600 drain=10
keep_releases=3 compose_major=2 compose_minor=0 undo='' settings='' program=''

# Reads the whole order before any of it is evaluated, so that a truncated one has no effect.
read_order() {
  local line
  read_block && settings=$block && read_block && program=$block && IFS= read -r credential && IFS= read -r line &&
    [ "$line" = end ] || { echo 'The order is incomplete.'; exit 1; }
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

# Only numbers may reach `$(( ))`, because it evaluates text, and bash even runs a command in it. Nine digits do not
# overflow in any shell.
is_number() { # TEXT
  case $1 in '' | *[!0-9]* | 0?* | ??????????*) return 1 ;; esac
}

# Like is_number, with enough digits for a time in seconds or milliseconds.
is_time() { # TEXT
  case $1 in '' | *[!0-9]* | 0?* | ???????????????*) return 1 ;; esac
}

is_name() { # TEXT
  case $1 in '' | *[!A-Za-z0-9._-]*) return 1 ;; esac
}
