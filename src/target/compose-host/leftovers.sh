# Whether what a login starts outlives it. Needs answer.sh.

# logind may end what a login leaves behind (KillUserProcesses): only inside a session of its own making.
leftovers() {
  grep -q 'session-[^/]*\.scope' /proc/self/cgroup 2>/dev/null || return 0
  [ "$(logind KillUserProcesses)" = 'b true' ] || return 0
  say kill.only "$(logind KillOnlyUsers)"
  say kill.exclude "$(logind KillExcludeUsers)"
  [ "$(limited loginctl show-user "$(id -un)" --property=Linger --value 2>/dev/null)" = yes ] &&
    escape systemd-run --user --scope --quiet
  escape sudo -n systemd-run --scope --quiet --uid="$(id -u)" --gid="$(id -g)"
}

logind() {
  limited busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager "$1" 2>/dev/null
}

# escape WORD...: a command that takes another out of the session, if it does.
escape() {
  limited "$@" true >/dev/null 2>&1 && say escape "$@"
}
