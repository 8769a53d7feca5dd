import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** A file of a machine: its text, and its mode (default 0644). */
export interface OwnFile {
  readonly text: string
  readonly mode?: number
}

const folders = [
  'dev',
  'etc',
  'home',
  'media',
  'mnt',
  'opt',
  'proc',
  'rig',
  'root',
  'run',
  'srv',
  'sys',
  'tmp',
  'usr',
]
const varFolders = ['cache', 'lib', 'log', 'spool', 'tmp']

/** Creates the links into /usr that the host has: /bin, /lib and so on. */
function linkLikeHost(root: string): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    if (!existsSync(`/${name}`)) continue
    if (!lstatSync(`/${name}`).isSymbolicLink())
      throw new Error(
        `/${name} is a directory on this machine, but the rig needs a merged /usr (Debian 12, Ubuntu 22.04 or later).`,
      )
    symlinkSync(readlinkSync(`/${name}`), join(root, name))
  }
}

/**
 * Writes the files of a machine into `directory`. Its own files in /usr and /etc, which are overlaid on the host's, go
 * to `upper`; all others go to `root`.
 */
export function layOut(directory: string, files: Readonly<Record<string, OwnFile>>): void {
  const root = join(directory, 'root')
  for (const folder of [...folders, ...varFolders.map(name => `var/${name}`)])
    mkdirSync(join(root, folder), { recursive: true })
  for (const folder of [
    'upper/usr',
    'upper/etc',
    'work/usr',
    'work/etc',
    'local/bin',
    'local/lib',
    'local/sbin',
  ])
    mkdirSync(join(directory, folder), { recursive: true })
  linkLikeHost(root)
  symlinkSync('/run', join(root, 'var/run'))
  symlinkSync('/run/lock', join(root, 'var/lock'))
  for (const folder of ['tmp', 'var/tmp']) chmodSync(join(root, folder), 0o1777)
  chmodSync(join(root, 'root'), 0o700)
  for (const [path, { text, mode }] of Object.entries(files)) {
    const file = join(/^\/(usr|etc)\//.test(path) ? join(directory, 'upper') : root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    chmodSync(file, mode ?? 0o644)
  }
}
