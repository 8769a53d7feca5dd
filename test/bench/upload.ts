import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SshPlan } from '../../src/ssh/plan.ts'
import { rig, type Server } from '../rig/rig.ts'
import { inTurn, ratios, type Samples, spread, table } from './samples.ts'
import type { UploadOptions, UploadResult } from './upload-process.ts'

const count = 1000
const size = 100_000
const rounds = 10

/**
 * Compares the upload of 1,000 files (100 MB) with `tar | ssh tar`: to an empty directory, and replacing all files.
 * `tar` overwrites the old files, so that their memory is freed at once. The action must keep them for a rollback.
 */
export async function upload(): Promise<string> {
  const server = await (await rig()).server('modern')
  const place = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const directory = `/srv/bench-${randomBytes(3).toString('hex')}`
  const trees = [makeTree(join(place, 'a')), makeTree(join(place, 'b'))] as const
  const ssh = sshOf(server, place)
  const results: { readonly [name in 'new' | 'over']: UploadResult[] } = { new: [], over: [] }
  let turn = 0
  const tree = () => trees[Math.floor(turn++ / 4) % 2] ?? trees[0]
  const tar = async (to: string) => {
    await server.exec(`install -d -o deploy ${to} && sync`)
    return timed(`tar -cf - -C ${tree()} . | ${ssh} 'tar -xf - -C ${to}'`)
  }
  const action = async (to: string, list: UploadResult[]) => {
    await server.exec(`install -d -o deploy ${to} && sync`)
    const result = uploadOnce({ ssh: planOf(server), workspace: tree(), directory: to })
    // The first round warms the caches.
    if (turn > 4) list.push(result)
    return result.placed
  }
  const thenRemove = async (milliseconds: Promise<number>) => {
    await milliseconds
    await server.exec(`rm -rf ${directory}/new`)
    return await milliseconds
  }
  try {
    await server.exec(`install -d -o deploy ${directory}`)
    const taken = await inTurn(
      [
        { name: 'tar new', once: () => thenRemove(tar(`${directory}/new`)) },
        { name: 'tar over', once: () => tar(`${directory}/bare`) },
        { name: 'action new', once: () => thenRemove(action(`${directory}/new`, results.new)) },
        { name: 'action over', once: () => action(`${directory}/own`, results.over) },
      ],
      rounds,
    )
    return report(taken.get('tar new') ?? [], taken.get('tar over') ?? [], results)
  } finally {
    await server.exec(`rm -rf ${directory}`)
    rmSync(place, { recursive: true, force: true })
  }
}

function report(
  bare: Samples,
  over: Samples,
  results: { readonly new: readonly UploadResult[]; readonly over: readonly UploadResult[] },
): string {
  const row = (name: string, samples: Samples) => [
    name,
    spread(samples, 0, ' ms'),
    spread(ratios(samples, bare), 2),
    spread(ratios(samples, over), 2),
  ]
  const rows = (where: string, list: readonly UploadResult[]) => [
    row(
      `The action, ${where}, until the server has received all files`,
      list.map(({ received }) => received),
    ),
    row(
      `The action, ${where}, until all files are checked, on the disk and in place`,
      list.map(({ placed }) => placed),
    ),
  ]
  const all = [...results.new, ...results.over]
  const most = Math.max(...all.map(({ memory }) => memory)) / 1e6
  const before = Math.max(...all.map(({ memoryBefore }) => memoryBefore)) / 1e6
  return [
    table([
      ['', 'Time', 'Ratio to `tar`, new files', 'Ratio to `tar`, replaced files'],
      row('`tar | ssh tar`, new files', bare),
      row('`tar | ssh tar`, replaced files', over),
      ...rows('new files', results.new),
      ...rows('replaced files', results.over),
    ]),
    `Peak memory ${most.toFixed(0)} MB, of which ${before.toFixed(0)} MB before the upload.`,
  ].join('\n\n')
}

function makeTree(directory: string): string {
  for (let number = 0; number < count; number += 1) {
    const file = join(directory, `part-${number % 20}`, `file-${number}`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, randomBytes(size))
  }
  return directory
}

const planOf = ({ address, port, access, knownHosts }: Server): SshPlan => ({
  host: address,
  port,
  user: 'deploy',
  authentication: { kind: 'key', key: access.key.text },
  hostKey: { kind: 'known-hosts', lines: knownHosts },
})

/** Returns an ssh command for the server. */
function sshOf({ address, access, knownHosts }: Server, place: string): string {
  const [key, hosts] = [join(place, 'key'), join(place, 'known_hosts')]
  writeFileSync(key, access.key.text, { mode: 0o600 })
  writeFileSync(hosts, knownHosts)
  return `ssh -F none -i ${key} -o UserKnownHostsFile=${hosts} -o BatchMode=yes deploy@${address}`
}

function timed(script: string): number {
  const began = performance.now()
  const { status, stderr } = spawnSync('sh', ['-ec', script], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${script}: exit ${status}\n${stderr}`)
  return performance.now() - began
}

function uploadOnce(options: UploadOptions): UploadResult {
  const args = ['--import=./test/text-modules.mjs', join(import.meta.dirname, 'upload-process.ts')]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: join(import.meta.dirname, '..', '..'),
    input: JSON.stringify(options),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as UploadResult
}
