# shellcheck shell=dash disable=SC2034,SC2154
# A run and what it leaves for others to read. Everything is in one directory per project:
#   runs/ID/    script, alive (a fifo: open as long as the run lives), who, order, log, stages, reserve, cancel, verdict,
#               over (it ended before it began)
#   lock/       numbered links to the `alive` of the runs that had the lock; the highest one counts
#   record/     the change that is under way, or was cut: see record.sh
#   releases/   what a service ran with when it was last verified
#   history.tsv

set -u -f
run=${0%/*}
id=${run##*/}
state=${run%/runs/*}
# None, until this run has made one, or settles one: whoever has no lock must not take the holder's for its own.
record=$run/none
history=$state/history.tsv
stage=start reason='' reason_code='' failed_stage='' failed_code='' second_code='' outcome='' left_as_is='' changed='' cancelled='' why_failed='' settling='' recorded=''

# What a process of the transaction begins with.
enter() {
  exec 6>&1
  umask "$(private_umask)"
  cd "$directory" || exit 1
  trap 'cancelled=yes' TERM
  trap '' HUP INT
  find_limiter
}

begin_run() { # COMMAND: how it sees to its room on the disk
  enter
  mkdir -p "$state/lock" "$state/releases" && share "$state/lock" "$state/releases" || exit 1
  "$1"
  put "$run/order" "${settings%"$newline"}" && put "$run/who" "url $url" "by $by" "since $(utc)" && mkfifo "$run/alive.new" && share "$run/alive.new" || exit 1
  # Nobody may find it before it is open.
  exec 9<>"$run/alive.new"
  mv "$run/alive.new" "$run/alive"
  trap - EXIT
}

# A disk that is full by then must not keep the end from being written down: the run takes room for that now.
reserve_room() {
  if take_room; then return; fi
  # What an earlier run left is not this one's to tell of.
  record=$run/none failed_stage=start failed_code=disk-full why_failed="no disk space is left in $state"
  write_verdict unchanged "$run"
  drop_staged
  exit 0
}

# Settling takes away more than it writes: it goes on without the room, too.
take_room() { head -c 65536 /dev/zero >"$run/reserve" || { make_room; return 1; }; }
make_room() { rm -f "$run/reserve"; }

# As private as the project's own directory: its group may write here when it may write there.
private_umask() {
  case $(stat -c %A "$state") in ?????w*) echo 007 ;; *) echo 077 ;; esac
}

# A file that root wrote belongs to the owner of the directory, so that another user's run can go on from here.
share() { # FILE…
  [ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$state")" "$@"
}

# Lines as words.
listed() { # LINES
  local line list=''
  while IFS= read -r line; do list="$list${list:+ }$line"; done <<LINES
$1
LINES
  printf '%s\n' "$list"
}

# To the log, also out of a `$(…)`.
say() { printf '%s\n' "$*" >&6; }

# For the runner, out of band: `stage NAME`, `ask check`, `fail CODE TEXT`, `output LINES TITLE` with so many lines behind
# it. A line of its own with the mark in front, which nothing that is indented begins with.
mark=$(printf '\036')
event() { say "$mark$*"; } # NAME WORD…

without_events() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *"$mark"*) ;; *) printf '%s\n' "$line" ;; esac
  done
}

# What a step ends with when it did not do its work. The codes and what to do about each are in src/deploy/reasons.ts.
fail() { # CODE TEXT
  reason_code=$1 reason=$2
  event fail "$reason_code" "$reason"
  return 1
}

# Begins a stage, and notes when. Before anything has changed, a cancel ends the run here.
step() { # NAME TEXT
  if [ -z "$changed" ] && is_cancelled; then fail cancelled 'cancelled'; return 1; fi
  stage=$1
  printf '%s %s\n' "$(clock)" "$1" >>"$run/stages"
  [ -z "$recorded" ] || put "$record/stage" "$1" || :
  event stage "$1"
  say "$2"
}

is_cancelled() { [ -n "$cancelled" ] || [ -e "$run/cancel" ]; }

# Writes a file whole or not at all: a full disk must not leave half of one.
put() { # FILE LINE…
  local file="$1"
  shift
  printf '%s\n' "$@" >"$file.new" && share "$file.new" && mv -f "$file.new" "$file"
}

utc() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# Milliseconds of a clock that nobody sets.
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

# Between two looks at a file, which cost nothing.
blink() { sleep 0.1 2>/dev/null || sleep 1; }

nap() { sleep 0.3 2>/dev/null || sleep 1; }
