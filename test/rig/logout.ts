import { cgroupOf, hierarchies } from './cgroups.ts'
import type { OwnFile } from './layout.ts'
import type { Place } from './place.ts'
import { pam } from './users.ts'

/** Returns the script that PAM runs as root at login and logout. Its parent is sshd's process for that login. */
const script = (directory: string): string => `#!/bin/sh
# Kills at logout all processes that a login started, as logind does with KillUserProcesses=yes. A process cannot
# leave its control group with setsid.
login=${directory}/session-$PPID.scope
case $PAM_TYPE in
open_session)
  mkdir -p "$login"
  echo "$PPID" >"$login/cgroup.procs"
  ;;
close_session)
  echo "$PPID" >"${directory}/cgroup.procs"
  echo "$$" >"${directory}/cgroup.procs"
  for _ in 1 2 3 4 5; do
    while read -r pid; do kill -KILL "$pid"; done <"$login/cgroup.procs"
    rmdir "$login" && break
    sleep 0.1
  done
  ;;
esac
`

/** Returns a fake systemd-run, which moves a command to the control group of lingering processes. */
const systemdRun = (lingering: string): string => `#!/bin/sh
while :; do case $1 in -*) shift ;; *) break ;; esac; done
echo "$$" >"${lingering}/cgroup.procs" || exit
exec "$@"
`

/** A fake busctl with logind's answers: processes are killed at logout, for every user. */
const busctl = `#!/bin/sh
case "$*" in
*KillUserProcesses) echo 'b true' ;;
*KillOnlyUsers | *KillExcludeUsers) echo 'as 0' ;;
*) exit 1 ;;
esac
`

const loginctl = (lingers: boolean): string => `#!/bin/sh\necho ${lingers ? 'yes' : 'no'}\n`

/** Returns the files of a server that kills a login's processes at logout, unless they linger. */
export function logoutFiles(at: Place, machine: string, lingers: boolean): Record<string, OwnFile> {
  const own = ownGroup(at, machine)
  return {
    '/etc/ssh/login': { text: script(own), mode: 0o755 },
    '/etc/pam.d/sshd': { text: `${pam}session required pam_exec.so quiet /etc/ssh/login\n` },
    '/usr/bin/busctl': { text: busctl, mode: 0o755 },
    '/usr/bin/loginctl': { text: loginctl(lingers), mode: 0o755 },
    '/usr/bin/systemd-run': { text: systemdRun(lingering(own)), mode: 0o755 },
  }
}

/**
 * Returns the shell commands that let users move their processes to the control group of lingering processes. Version 2
 * of control groups also requires write access to the parent group.
 */
export const prepareLingering = (at: Place, machine: string): string => {
  const own = ownGroup(at, machine)
  return `mkdir -p ${lingering(own)}\nchmod 755 ${own} ${lingering(own)}\nchmod 666 ${own}/cgroup.procs ${lingering(own)}/cgroup.procs\n`
}

const lingering = (own: string): string => `${own}/lingering`

/** Returns the directory of the machine's control group, in the first hierarchy. Any hierarchy can track processes. */
function ownGroup(at: Place, machine: string): string {
  const [hierarchy] = hierarchies()
  if (!hierarchy)
    throw new Error('no control groups are mounted here, so the processes of a login cannot be tracked')
  return `${hierarchy}${cgroupOf(at, machine)}`
}
