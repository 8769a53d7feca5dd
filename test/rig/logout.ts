import { cgroupOf, hierarchies } from './cgroups.ts'
import type { OwnFile } from './layout.ts'
import type { Place } from './place.ts'
import { pam } from './users.ts'

/** Run as root by PAM, with sshd's own process for that login as its parent. */
const script = (directory: string): string => `#!/bin/sh
# Ends at log-out all that a login started, as logind does where KillUserProcesses=yes: setsid is no way out of a
# control group.
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

/** Stands for systemd as far as a login can ask it for a way out: the control group of what lingers. */
const systemdRun = (lingering: string): string => `#!/bin/sh
while :; do case $1 in -*) shift ;; *) break ;; esac; done
echo "$$" >"${lingering}/cgroup.procs" || exit
exec "$@"
`

/** Stands for logind's answers: it ends what a login leaves behind, whoever logs in. */
const busctl = `#!/bin/sh
case "$*" in
*KillUserProcesses) echo 'b true' ;;
*KillOnlyUsers | *KillExcludeUsers) echo 'as 0' ;;
*) exit 1 ;;
esac
`

const loginctl = (lingers: boolean): string => `#!/bin/sh\necho ${lingers ? 'yes' : 'no'}\n`

/** The files of a server on which nothing that a login started outlives it, unless it is made to linger. */
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

/** Users may move their own processes to where they linger; version 2 asks for the group above it, too. */
export const prepareLingering = (at: Place, machine: string): string => {
  const own = ownGroup(at, machine)
  return `mkdir -p ${lingering(own)}\nchmod 755 ${own} ${lingering(own)}\nchmod 666 ${own}/cgroup.procs ${lingering(own)}/cgroup.procs\n`
}

const lingering = (own: string): string => `${own}/lingering`

/** Any hierarchy will do to keep book of a login's processes. */
function ownGroup(at: Place, machine: string): string {
  const [hierarchy] = hierarchies()
  if (!hierarchy)
    throw new Error('no control groups are mounted here, and a login could not be told by its own')
  return `${hierarchy}${cgroupOf(at, machine)}`
}
