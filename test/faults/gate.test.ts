import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { rig } from '../rig/rig.ts'
import { crashAfter, serve } from '../scenario/site.ts'
import { push, type Recipe, type Version } from './images.ts'
import { quiet } from './judge.ts'
import { imageOf, type Lane, openLane } from './lane.ts'
import { composeFile } from './project.ts'

// What does not hold is caught, each time; what holds, however slowly, is let through, each time. The window is that of
// the default, 10 s, where it has to be; 4 s elsewhere.

interface Case {
  readonly name: string
  readonly run: string
  readonly healthcheck: boolean
  readonly stability: number
  readonly good: boolean
  /** What the gate has to see on its way; where there is no healthcheck, it cannot. */
  readonly seen?: RegExp
}

type Release = Omit<Case, 'healthcheck' | 'good'>

const crashes: readonly Release[] = [
  { seconds: 0, stability: 1 },
  { seconds: 0.8, stability: 4 },
  { seconds: 2, stability: 4 },
  { seconds: 8, stability: 10 },
].map(({ seconds, stability }) => ({
  name: `exits after ${seconds} s`,
  run: crashAfter(seconds),
  stability,
}))

/** Serves after some seconds, and hides what the healthcheck asks for between two moments. */
const slowly = (seconds: number) => `CMD ["sh", "-c", "sleep ${seconds}; exec httpd -f -p 8080 -h /www"]`
const spell = (from: number, until: number) =>
  `CMD ["sh", "-c", "(sleep ${from}; mv /www/index.html /www/away; sleep ${until - from}; mv /www/away /www/index.html) & exec httpd -f -p 8080 -h /www"]`
/** Exits once, and holds from then on: one restart begins the window anew. */
const once =
  'CMD ["sh", "-c", "test -e /held && exec httpd -f -p 8080 -h /www; touch /held; sleep 0.5; exit 1"]'

/** Three failures, a second apart each, make it unhealthy: the window has to be longer than that. */
const seen = /is not healthy$[\s\S]*all containers are running$/m

const goods: readonly Release[] = [
  { name: 'at once', run: serve, stability: 2 },
  ...[1, 2, 4, 6].map(seconds => ({ name: `after ${seconds} s`, run: slowly(seconds), stability: 2 })),
  { name: 'with an unhealthy spell at 1 s', run: spell(1, 9), stability: 8, seen },
  { name: 'with an unhealthy spell at 3 s', run: spell(3, 11), stability: 10, seen },
  { name: 'with a short spell', run: spell(2, 3), stability: 2 },
  { name: 'after one restart', run: once, stability: 2 },
  {
    name: 'heeding SIGTERM',
    run: 'CMD ["sh", "-c", "trap \'exit 0\' TERM; httpd -p 8080 -h /www; while :; do sleep 0.2; done"]',
    stability: 2,
  },
].map(release => ({ ...release, name: `serves ${release.name}` }))

/** Lanes side by side, half of them without a healthcheck. Each deploys one after the other to a service that runs. */
const lanes = [true, true, false, false]

/** Crashes come first, while what they are put back to is the release that is there before all. */
const queueOf = (healthcheck: boolean): Case[] => [
  ...crashes.map(release => ({ ...release, healthcheck, good: false })),
  ...goods.map(release => ({ ...release, healthcheck, good: true })),
]

test('the gate', { timeout: 300_000 }, async () => {
  const all = await rig()
  const repository = `octo/gate-${randomInt(36 ** 6).toString(36)}`
  const recipes: Recipe[] = [...crashes, ...goods].map(({ run }, index) => ({ page: `v${index}`, run }))
  const [before, ...versions] = await push(all, repository, [{ page: 'before' }, ...recipes])
  assert.ok(before)
  const named = new Map(recipes.map(({ run }, index) => [run, versions[index] as Version]))
  const queues = new Map([true, false].map(healthcheck => [healthcheck, queueOf(healthcheck)]))
  const opened = await Promise.all(lanes.map(() => openLane(all, { repository, grace: 1 })))
  try {
    const rows = await Promise.all(
      opened.map(async (lane, index) => {
        const healthcheck = lanes[index] as boolean
        const text = composeFile(imageOf(all, lane), { grace: 1 })
        await lane.compose(healthcheck ? text : text.replace(/ {4}healthcheck:[\s\S]*/, ''))
        const first = await lane.deploy(before)
        assert.equal(first.conclusion, 'success', first.log)
        const queue = queues.get(healthcheck) ?? []
        const own: string[] = []
        for (let each = queue.shift(); each !== undefined; each = queue.shift())
          own.push(await look(lane, each, named.get(each.run) as Version))
        return own
      }),
    )
    console.log(
      `| release | healthcheck | window | told | |\n|---|---|---|---|---|\n${rows.flat().sort().join('\n')}`,
    )
    assert.equal(rows.flat().length, 2 * (crashes.length + goods.length))
    assert.deepEqual(
      rows.flat().filter(row => row.includes('WRONG')),
      [],
    )
  } finally {
    await Promise.all(opened.map(lane => lane[Symbol.asyncDispose]()))
  }
})

async function look(lane: Lane, each: Case, version: Version): Promise<string> {
  const before = await lane.page()
  const run = await lane.deploy(version, { with: { stability: each.stability, 'wait-timeout': 60 } })
  await quiet(lane)
  const told =
    run.conclusion === 'success'
      ? 'good'
      : run.outputs['rolled-back'] === 'true'
        ? 'rolled back'
        : run.conclusion
  // In an unhealthy spell that the gate could not see, it does not serve as it will.
  const right = each.good
    ? told === 'good' && (await comes(lane, version.page)) && saw(run.log, each)
    : told === 'rolled back' && (await comes(lane, before)) && (await sameAfterPlainUp(lane))
  if (!right) console.log(`${each.name}: ${await lane.page()} serves\n${run.log}`)
  return `| ${each.name} | ${each.healthcheck ? 'yes' : 'no'} | ${each.stability} s | ${told} | ${right ? '' : 'WRONG'} |`
}

const saw = (log: string, { healthcheck, seen }: Case): boolean => !healthcheck || (seen?.test(log) ?? true)

async function comes(lane: Lane, page: string | undefined): Promise<boolean> {
  const end = performance.now() + 15_000
  while ((await lane.page()) !== page) {
    if (performance.now() > end) return false
    await sleep(200)
  }
  return page !== undefined
}

/** A plain `docker compose up -d` leaves what was put back. */
async function sameAfterPlainUp({ sh }: Lane): Promise<boolean> {
  const before = await sh('docker ps -q --no-trunc')
  await sh('docker compose up -d 2>&1')
  return before !== '' && (await sh('docker ps -q --no-trunc')) === before
}
