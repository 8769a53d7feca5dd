import { cgroupOf, hierarchies } from './cgroups.ts'
import type { OwnFile } from './layout.ts'
import type { Place } from './place.ts'
import { pam } from './users.ts'

/** Run as root by PAM, with sshd's own process for that login as its parent. */
const script = (directory: string): string => `#!/bin/sh
# Ends at log-out all that a login started, as logind does where KillUserProcesses=yes: setsid is no way out of a
# control group.
login=${directory}/login-$PPID
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

/** The files of a server on which nothing that a login started outlives it. */
export function logoutFiles(at: Place, machine: string): Record<string, OwnFile> {
  // Any hierarchy will do to keep book of a login's processes.
  const [hierarchy] = hierarchies()
  if (!hierarchy)
    throw new Error('no control groups are mounted here, and a login could not be told by its own')
  return {
    '/etc/ssh/login': { text: script(`${hierarchy}${cgroupOf(at, machine)}`), mode: 0o755 },
    '/etc/pam.d/sshd': { text: `${pam}session required pam_exec.so quiet /etc/ssh/login\n` },
  }
}
