import { attempt } from './command.ts'

/** Commands the rig calls, and the Debian package that has each. */
const commands = {
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  flock: 'util-linux',
  ip: 'iproute2',
  nsenter: 'util-linux',
  perl: 'perl-base',
  'ssh-keygen': 'openssh-client',
  unshare: 'util-linux',
} as const

const has = async (command: string): Promise<boolean> =>
  (await attempt('sh', ['-c', 'command -v "$1"', 'sh', command])).code === 0

/** All that this machine lacks for the rig to run on it; each line says what to do. */
export async function missing(): Promise<string[]> {
  if (process.platform !== 'linux') return [`It is ${process.platform}: a Linux machine is needed.`]
  const lacking: string[] = []
  if (process.getuid?.() !== 0) lacking.push('Not root: run it by `sudo -E env "PATH=$PATH" …`.')
  for (const [command, name] of Object.entries(commands))
    if (!(await has(command))) lacking.push(`No \`${command}\`: apt-get install ${name}.`)
  return lacking
}
