import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { SshPlan } from '../../src/ssh/plan.ts'
import { rig, type Server } from '../rig/rig.ts'
import type { Brought, Errand } from './bringer.ts'
import { inTurn, ratios, type Samples, spread, table } from './samples.ts'

const count = 1000
const size = 100_000
const rounds = 10

/** 1,000 files and 100 MB, all of them replaced each time, against `tar | ssh tar`. */
export async function bring(): Promise<string> {
  const server = await (await rig()).server('modern')
  const place = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const directory = `/srv/bench-${randomBytes(3).toString('hex')}`
  const [bare, own] = [`${directory}/bare`, `${directory}/own`]
  await server.exec(`install -d -o deploy ${directory} ${bare} ${own}`)
  const trees = [makeTree(join(place, 'a')), makeTree(join(place, 'b'))] as const
  const ssh = sshOf(server, place)
  const seen: Brought[] = []
  let turn = 0
  const tree = () => trees[Math.floor(turn / 3) % 2] ?? trees[0]
  const tar = (more: string) => () => {
    turn += 1
    return timed(`tar -cf - -C ${tree()} . | ${ssh} 'tar -xf - -C ${bare}${more}'`)
  }
  const action = () => {
    turn += 1
    const brought = bringOnce({ ssh: planOf(server), workspace: tree(), directory: own })
    if (turn > 3) seen.push(brought)
    return brought.placed
  }
  try {
    const taken = await inTurn(
      [
        { name: 'tar', once: tar('') },
        { name: 'tar and sync', once: tar(' && sync') },
        { name: 'action', once: action },
      ],
      rounds,
    )
    return report(taken.get('tar') ?? [], taken.get('tar and sync') ?? [], seen)
  } finally {
    await server.exec(`rm -rf ${directory}`)
    rmSync(place, { recursive: true, force: true })
  }
}

function report(tar: Samples, synced: Samples, seen: readonly Brought[]): string {
  const row = (name: string, samples: Samples) => [
    name,
    spread(samples, 0, ' ms'),
    spread(ratios(samples, tar), 2),
    spread(ratios(samples, synced), 2),
  ]
  const most = Math.max(...seen.map(({ memory }) => memory)) / 1e6
  const before = Math.max(...seen.map(({ memoryBefore }) => memoryBefore)) / 1e6
  return [
    table([
      ['', 'Time', 'Ratio', 'Ratio, with `sync`'],
      row('`tar | ssh tar`', tar),
      row('`tar | ssh "tar && sync"`', synced),
      row(
        'The action, until all is taken',
        seen.map(({ taken }) => taken),
      ),
      row(
        'The action, until all is checked, on the disk and in place',
        seen.map(({ placed }) => placed),
      ),
    ]),
    `At most ${most.toFixed(0)} MB in memory, ${before.toFixed(0)} MB of them before it began to send.`,
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

/** The words of an ssh call. */
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

function bringOnce(errand: Errand): Brought {
  const args = ['--import=./test/text-modules.mjs', join(import.meta.dirname, 'bringer.ts')]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: join(import.meta.dirname, '..', '..'),
    input: JSON.stringify(errand),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Brought
}
