# shellcheck shell=dash disable=SC2034,SC2154
# A run, and what it leaves for other runs to read. Each project has one directory:
#   runs/ID/    script, alive (a fifo that is open as long as the run lives), who, order, log, stages, reserve, cancel,
#               verdict, over (the run ended before it began)
#   lock/       numbered links to the `alive` of the runs that had the lock; the highest number counts
#   record/     the change in progress, or an interrupted one: see record.sh
#   releases/   what each service ran with when it was last verified
#   history.tsv

set -u -f
run=${0%/*}
id=${run##*/}
state=${run%/runs/*}
# There is no record until this run creates or settles one: a run without the lock must not use the lock holder's.
record=$run/none
history=$state/history.tsv
stage=start reason='' reason_code='' failed_stage='' failed_code='' second_code='' outcome='' left_as_is='' changed='' cancelled='' why_failed='' settling='' recorded=''

# Sets up a process of the transaction.
enter() {
  exec 6>&1
  umask "$(private_umask)"
  cd "$directory" || exit 1
  trap 'cancelled=yes' TERM
  trap '' HUP INT
  find_limiter
}

begin_run() { # COMMAND: reserves disk space
  enter
  mkdir -p "$state/lock" "$state/releases" && share "$state/lock" "$state/releases" || exit 1
  "$1"
  put "$run/order" "${settings%"$newline"}" && put "$run/who" "url $url" "by $by" "since $(utc)" && mkfifo "$run/alive.new" && share "$run/alive.new" || exit 1
  # No other run may find the fifo before it is open.
  exec 9<>"$run/alive.new"
  mv "$run/alive.new" "$run/alive"
  trap - EXIT
}

# Reserves disk space now, so that the run can write its verdict even if the disk is full by then.
require_reserve() {
  if write_reserve; then return; fi
  # The verdict must not report a record that an earlier run left.
  record=$run/none failed_stage=start failed_code=disk-full why_failed="no disk space is left in $state"
  write_verdict unchanged "$run"
  drop_staged
  exit 0
}

# Settling frees more space than it writes, so it continues if there is no space to reserve.
write_reserve() { head -c 65536 /dev/zero >"$run/reserve" || { free_reserve; return 1; }; }
free_reserve() { rm -f "$run/reserve"; }

# Returns a umask that makes files as private as the project's directory: its group may write to them if it may write
# there.
private_umask() {
  case $(stat -c %A "$state") in ?????w*) echo 007 ;; *) echo 077 ;; esac
}

# Gives files that root wrote to the owner of the directory, so that a run of another user can continue from them.
share() { # FILE…
  [ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$state")" "$@"
}

# Joins lines with spaces.
listed() { # LINES
  local line list=''
  while IFS= read -r line; do list="$list${list:+ }$line"; done <<LINES
$1
LINES
  printf '%s\n' "$list"
}

# Prints to the log, even from inside a `$(…)`. `$*` joins words with the first character of IFS, which a caller may have
# set to split a list.
say() {
  local IFS=' '
  printf '%s\n' "$*" >&6
}

# Sends an event to the runner: `stage NAME`, `ask check`, `fail CODE TEXT`, or `output LINES TITLE`, which is followed
# by that number of lines. An event is a line of its own that begins with the mark; an indented line never does.
mark=$(printf '\036')
event() { # NAME WORD…
  local IFS=' '
  say "$mark$*"
}

without_events() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *"$mark"*) ;; *) printf '%s\n' "$line" ;; esac
  done
}

# Reports the failure of a step. src/deploy/reasons.ts lists the codes, with a remedy for each.
fail() { # CODE TEXT
  reason_code=$1 reason=$2
  event fail "$reason_code" "$reason"
  return 1
}

# Begins a stage, and notes the time. If the run is cancelled before anything has changed, it ends here.
step() { # NAME TEXT
  if [ -z "$changed" ] && is_cancelled; then fail cancelled 'cancelled'; return 1; fi
  stage=$1
  printf '%s %s\n' "$(clock)" "$1" >>"$run/stages"
  [ -z "$recorded" ] || put "$record/stage" "$1" || :
  event stage "$1"
  say "$2"
}

is_cancelled() { [ -n "$cancelled" ] || [ -e "$run/cancel" ]; }

# Writes a file completely or not at all: a full disk must not leave half a file.
put() { # FILE LINE…
  local file="$1"
  shift
  printf '%s\n' "$@" >"$file.new" && share "$file.new" && mv -f "$file.new" "$file"
}

utc() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# Returns milliseconds of the uptime, which nobody can set, or else of the system clock.
clock() {
  local up _
  if read -r up _ 2>/dev/null </proc/uptime; then
    echo "${up%.*}${up#*.}0"
  else
    date +%s000
  fi
}

seconds() { local now; now=$(clock); echo "${now%???}"; }

past() { [ $(($(clock) - $1)) -ge $(($2 * 1000)) ]; } # BEGIN SECONDS

# Pauses between two checks of a file, which are cheap.
blink() { sleep 0.1 2>/dev/null || sleep 1; }

nap() { sleep 0.3 2>/dev/null || sleep 1; }
