import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { rig } from '../rig/rig.ts'
import { crashAfter, serve } from '../scenario/site.ts'
import { push, type Recipe, type Version } from './images.ts'
import { quiet, served } from './judge.ts'
import { composeFile, imageOf, type Lane, openLane } from './lane.ts'

// What does not hold is caught, each time; what holds, however slowly, is let through, each time. The window is that of
// the default, 10 s, where it has to be; 4 s elsewhere.

interface Case {
  readonly name: string
  readonly run: string
  readonly healthcheck: boolean
  readonly stability: number
  readonly good: boolean
}

const crashes = [
  { seconds: 0, stability: 1 },
  { seconds: 0.8, stability: 4 },
  { seconds: 2, stability: 4 },
  { seconds: 8, stability: 10 },
]

/** Serves after some seconds, and hides what the healthcheck asks for between two moments. */
const slowly = (seconds: number) => `CMD ["sh", "-c", "sleep ${seconds}; exec httpd -f -p 8080 -h /www"]`
const spell = (from: number, until: number) =>
  `CMD ["sh", "-c", "(sleep ${from}; mv /www/index.html /www/away; sleep ${until - from}; mv /www/away /www/index.html) & exec httpd -f -p 8080 -h /www"]`
/** Exits once, and holds from then on: one restart begins the window anew. */
const once =
  'CMD ["sh", "-c", "test -e /held && exec httpd -f -p 8080 -h /www; touch /held; sleep 0.5; exit 1"]'

const goods: readonly { readonly name: string; readonly run: string }[] = [
  { name: 'at once', run: serve },
  ...[1, 2, 4, 6].map(seconds => ({ name: `after ${seconds} s`, run: slowly(seconds) })),
  { name: 'with an unhealthy spell at 1 s', run: spell(1, 7) },
  { name: 'with an unhealthy spell at 3 s', run: spell(3, 8) },
  { name: 'with a short spell', run: spell(2, 3) },
  { name: 'after one restart', run: once },
  {
    name: 'heeding SIGTERM',
    run: 'CMD ["sh", "-c", "trap \'exit 0\' TERM; httpd -p 8080 -h /www; while :; do sleep 0.2; done"]',
  },
]

const cases: readonly Case[] = [
  ...crashes.flatMap(({ seconds, stability }) =>
    [true, false].map(healthcheck => ({
      name: `exits after ${seconds} s`,
      run: crashAfter(seconds),
      healthcheck,
      stability,
      good: false,
    })),
  ),
  ...goods.flatMap(({ name, run }) =>
    [true, false].map(healthcheck => ({
      name: `serves ${name}`,
      run,
      healthcheck,
      stability: 2,
      good: true,
    })),
  ),
]

const side = 5

test('the gate', { timeout: 420_000 }, async () => {
  const all = await rig()
  const repository = `octo/gate-${randomInt(36 ** 6).toString(36)}`
  const recipes: Recipe[] = [...new Set(cases.map(({ run }) => run))].map((run, index) => ({
    page: `v${index}`,
    run,
  }))
  const [before, ...versions] = await push(all, repository, [{ page: 'before' }, ...recipes])
  assert.ok(before)
  const named = new Map(recipes.map(({ run }, index) => [run, versions[index] as Version]))
  const lanes = await Promise.all(Array.from({ length: side }, () => openLane(all, { repository, grace: 1 })))
  const queue = [...cases]
  try {
    const rows = await Promise.all(
      lanes.map(async lane => {
        const own: string[] = []
        for (let each = queue.shift(); each !== undefined; each = queue.shift())
          own.push(await look(lane, each, before, named.get(each.run ?? '') as Version, imageOf(all, lane)))
        return own
      }),
    )
    console.log(
      `| release | healthcheck | window | told | |\n|---|---|---|---|---|\n${rows.flat().sort().join('\n')}`,
    )
    assert.deepEqual(
      rows.flat().filter(row => row.includes('WRONG')),
      [],
    )
  } finally {
    await Promise.all(lanes.map(lane => lane[Symbol.asyncDispose]()))
  }
})

async function look(
  lane: Lane,
  each: Case,
  before: Version,
  version: Version,
  image: string,
): Promise<string> {
  const text = composeFile(image, 1)
  await lane.compose(each.healthcheck ? text : text.replace(/ {4}healthcheck:[\s\S]*/, ''))
  const first = await lane.deploy(before)
  assert.equal(first.conclusion, 'success', first.log)
  const run = await lane.deploy(version, { with: { stability: each.stability, 'wait-timeout': 45 } })
  await quiet(lane)
  const serves = await served(lane, 5000)
  const told =
    run.conclusion === 'success'
      ? 'good'
      : run.outputs['rolled-back'] === 'true'
        ? 'rolled back'
        : run.conclusion
  const right = each.good
    ? told === 'good' && serves === version.page
    : told === 'rolled back' && serves === before.page && (await sameAfterPlainUp(lane))
  if (!right) console.log(`${each.name}: ${serves} serves\n${run.log}`)
  return `| ${each.name} | ${each.healthcheck ? 'yes' : 'no'} | ${each.stability} s | ${told} | ${right ? '' : 'WRONG'} |`
}

/** A plain `docker compose up -d` leaves what was put back. */
async function sameAfterPlainUp({ sh }: Lane): Promise<boolean> {
  const before = await sh('docker ps -q --no-trunc')
  await sh('docker compose up -d 2>&1')
  return before !== '' && (await sh('docker ps -q --no-trunc')) === before
}
