# shellcheck shell=dash
# Creates the directory of a run, stores the script that follows on stdin in it, and prints its path. `.slipway` gets
# the owner of the project directory and, if the group may write there, its group, because every user who deploys must
# find the same lock, record and history.

open_run() { # PROJECT-DIRECTORY PROJECT ID
  local home="$1/.slipway" run="$1/.slipway/$2/runs/$3" try=0
  umask 077
  if mkdir "$home" 2>/dev/null; then open_up "$1" "$home"; fi
  # Another user's run may be creating it at this moment.
  until [ -w "$home" ] || [ "$try" -ge 20 ]; do try=$((try + 1)); sleep 0.1 2>/dev/null || sleep 1; done
  case $(stat -c %A "$home") in ?????w*) umask 007 ;; esac
  mkdir -p "$run" && cat >"$run/script" || return
  if [ "$(id -u)" = 0 ]; then chown "$(stat -c %u:%g "$home")" "$home/$2" "$home/$2/runs" "$run" "$run/script"; fi
  printf '%s\n' "$run"
}

open_up() { # PROJECT-DIRECTORY HOME
  printf '*\n' >"$2/.gitignore"
  [ "$(id -u)" != 0 ] || chown "$(stat -c %u "$1")" "$2" "$2/.gitignore"
  case $(stat -c %A "$1") in
    ?????w*) chgrp "$(stat -c %g "$1")" "$2" && chmod 2770 "$2" ;;
  esac
}
