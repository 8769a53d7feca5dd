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

/**
 * 1,000 files and 100 MB against `tar | ssh tar`: to where nothing is yet, and over others, all of which are replaced.
 * What overwrites a file gets its memory back at once, which what can be put back must do without.
 */
export async function bring(): Promise<string> {
  const server = await (await rig()).server('modern')
  const place = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const directory = `/srv/bench-${randomBytes(3).toString('hex')}`
  const trees = [makeTree(join(place, 'a')), makeTree(join(place, 'b'))] as const
  const ssh = sshOf(server, place)
  const seen: { readonly [name in 'new' | 'over']: Brought[] } = { new: [], over: [] }
  let turn = 0
  const tree = () => trees[Math.floor(turn++ / 4) % 2] ?? trees[0]
  const tar = async (to: string) => {
    await server.exec(`install -d -o deploy ${to} && sync`)
    return timed(`tar -cf - -C ${tree()} . | ${ssh} 'tar -xf - -C ${to}'`)
  }
  const action = async (to: string, list: Brought[]) => {
    await server.exec(`install -d -o deploy ${to} && sync`)
    const brought = bringOnce({ ssh: planOf(server), workspace: tree(), directory: to })
    // The first time is for warming up.
    if (turn > 4) list.push(brought)
    return brought.placed
  }
  const away = async (milliseconds: Promise<number>) => {
    await milliseconds
    await server.exec(`rm -rf ${directory}/new`)
    return await milliseconds
  }
  try {
    await server.exec(`install -d -o deploy ${directory}`)
    const taken = await inTurn(
      [
        { name: 'tar new', once: () => away(tar(`${directory}/new`)) },
        { name: 'tar over', once: () => tar(`${directory}/bare`) },
        { name: 'action new', once: () => away(action(`${directory}/new`, seen.new)) },
        { name: 'action over', once: () => action(`${directory}/own`, seen.over) },
      ],
      rounds,
    )
    return report(taken.get('tar new') ?? [], taken.get('tar over') ?? [], seen)
  } finally {
    await server.exec(`rm -rf ${directory}`)
    rmSync(place, { recursive: true, force: true })
  }
}

function report(
  bare: Samples,
  over: Samples,
  seen: { readonly new: readonly Brought[]; readonly over: readonly Brought[] },
): string {
  const row = (name: string, samples: Samples) => [
    name,
    spread(samples, 0, ' ms'),
    spread(ratios(samples, bare), 2),
    spread(ratios(samples, over), 2),
  ]
  const rows = (where: string, brought: readonly Brought[]) => [
    row(
      `The action, ${where}, until all is taken`,
      brought.map(({ taken }) => taken),
    ),
    row(
      `The action, ${where}, until all is checked, on the disk and in place`,
      brought.map(({ placed }) => placed),
    ),
  ]
  const all = [...seen.new, ...seen.over]
  const most = Math.max(...all.map(({ memory }) => memory)) / 1e6
  const before = Math.max(...all.map(({ memoryBefore }) => memoryBefore)) / 1e6
  return [
    table([
      ['', 'Time', 'Ratio to a new place', 'Ratio over others'],
      row('`tar | ssh tar` to a new place', bare),
      row('`tar | ssh tar` over others', over),
      ...rows('to a new place', seen.new),
      ...rows('over others', seen.over),
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
