# Reports whether processes outlive the login that starts them. Needs answer.sh.

# logind may kill the processes that a login leaves behind (KillUserProcesses), but only in a session that it created.
report_leftover_policy() {
  grep -q 'session-[^/]*\.scope' /proc/self/cgroup 2>/dev/null || return 0
  [ "$(logind_property KillUserProcesses)" = 'b true' ] || return 0
  say kill.only "$(logind_property KillOnlyUsers)"
  say kill.exclude "$(logind_property KillExcludeUsers)"
  [ "$(limited loginctl show-user "$(id -un)" --property=Linger --value 2>/dev/null)" = yes ] &&
    try_escape systemd-run --user --scope --quiet
  try_escape sudo -n systemd-run --scope --quiet --uid="$(id -u)" --gid="$(id -g)"
}

logind_property() {
  limited busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager "$1" 2>/dev/null
}

# Reports these words if they start a command outside the session.
try_escape() { # WORD…
  limited "$@" true >/dev/null 2>&1 && say escape "$@"
}
