#!/bin/sh
# shellcheck disable=SC1091
# Simulates docker on a manager with files: one service with one task, which runs its specification, on one node.
here=${0%/*}
call=$*
printf "%s\n" "$call" >>"$here/calls"
[ ! -e "$here/on" ] || . "$here/on"
mark=$(cat "$here/mark") image=$(cat "$here/image")
case "$call" in
  *'service inspect --format service|'*) echo "service|$(cat "$here/state")|$mark|$image|1|replicated|$(cat "$here/mark.before")|$(cat "$here/image.before")||||" ;;
  *'service inspect'*) ;;
  *'node inspect self'*) echo drain ;;
  *'node inspect'*) echo node1 ;;
  *'node ls --format {{if'*) ;;
  *'node ls'*) echo 'Ready Active' ;;
  *'service ps'*slipway-pull-*) echo job1 ;;
  *'service ps'*) echo "task.$image" ;;
  *'inspect --type task'*job1) echo 'failed|n1|' ;;
  *'inspect --type task'*) echo "task|task.$image|running|running|n1|$image||" ;;
  *'service ls --format {{.Name}}'*) [ -e "$here/removed" ] || echo web ;;
  *'service ls -q --filter label=slipway.pull'*) cat "$here/jobs" 2>/dev/null ;;
  *'service create'*) echo job1 >"$here/jobs" ;;
  *'service rm'*) rm -f "$here/jobs" ;;
  *'service update'*--rollback*)
    for what in mark image; do mv "$here/$what.before" "$here/$what"; : >"$here/$what.before"; done
    ;;
  # An update without changes resumes a paused one.
  *'service update --detach --quiet web') echo completed >"$here/state" ;;
  *'service update'*)
    for what in mark image; do mv "$here/$what" "$here/$what.before"; done
    while [ $# -gt 1 ]; do
      case $1 in --image) echo "$2" >"$here/image" ;; --label-add) echo "${2#*=}" >"$here/mark" ;; esac
      shift
    done
    ;;
  *) ;;
esac
[ ! -e "$here/after" ] || . "$here/after"
