import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { rig } from '../rig/rig.ts'
import { crashAfter, serve } from '../scenario/site.ts'
import { push, type Recipe, type Version } from './images.ts'
import { waitUntilIdle } from './judge.ts'
import { imageOf, type Lane, openLane } from './lane.ts'
import { composeFile } from './project.ts'

// The gate must catch every crash and accept every good start, however slow. The stability window is the default of 10
// s where the case needs it, and shorter elsewhere.

interface Case {
  readonly name: string
  readonly run: string
  readonly healthcheck: boolean
  readonly stability: number
  readonly good: boolean
  /** What the gate must have logged. Not checked without a healthcheck, because the gate cannot see it then. */
  readonly expectedLog?: RegExp
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

/** Serves after some seconds. */
const slowStart = (seconds: number) => `CMD ["sh", "-c", "sleep ${seconds}; exec httpd -f -p 8080 -h /www"]`
/** Hides the page that the healthcheck requests from one second to another. */
const unhealthySpell = (from: number, until: number) =>
  `CMD ["sh", "-c", "(sleep ${from}; mv /www/index.html /www/away; sleep ${until - from}; mv /www/away /www/index.html) & exec httpd -f -p 8080 -h /www"]`
/** Exits once and is stable afterwards: the restart begins a new stability window. */
const oneRestart =
  'CMD ["sh", "-c", "test -e /held && exec httpd -f -p 8080 -h /www; touch /held; sleep 0.5; exit 1"]'

/** Three failures, a second apart, make a container unhealthy, so the stability window has to be longer. */
const expectedLog = /is not healthy$[\s\S]*all containers are running$/m

const goods: readonly Release[] = [
  { name: 'at once', run: serve, stability: 2 },
  ...[1, 2, 4, 6].map(seconds => ({ name: `after ${seconds} s`, run: slowStart(seconds), stability: 2 })),
  { name: 'with an unhealthy spell at 1 s', run: unhealthySpell(1, 9), stability: 8, expectedLog },
  { name: 'with an unhealthy spell at 3 s', run: unhealthySpell(3, 11), stability: 10, expectedLog },
  { name: 'with a short spell', run: unhealthySpell(2, 3), stability: 2 },
  { name: 'after one restart', run: oneRestart, stability: 2 },
  {
    name: 'and handles SIGTERM',
    run: 'CMD ["sh", "-c", "trap \'exit 0\' TERM; httpd -p 8080 -h /www; while :; do sleep 0.2; done"]',
    stability: 2,
  },
].map(release => ({ ...release, name: `serves ${release.name}` }))

/**
 * Whether each of the parallel lanes has a healthcheck. Each lane deploys one case after another to a running service.
 */
const lanes = [true, true, false, false]

/** Returns the cases in order: crashes first, so that they are all rolled back to the initial release. */
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
  const versionByRun = new Map(recipes.map(({ run }, index) => [run, versions[index] as Version]))
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
          own.push(await tryRelease(lane, each, versionByRun.get(each.run) as Version))
        return own
      }),
    )
    console.log(
      `| release | healthcheck | window | result | |\n|---|---|---|---|---|\n${rows.flat().sort().join('\n')}`,
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

/** Deploys a case and checks the result. Returns the row of the table. */
async function tryRelease(lane: Lane, each: Case, version: Version): Promise<string> {
  const before = await lane.page()
  const run = await lane.deploy(version, { with: { stability: each.stability, 'wait-timeout': 60 } })
  await waitUntilIdle(lane)
  const result =
    run.conclusion === 'success'
      ? 'good'
      : run.outputs['rolled-back'] === 'true'
        ? 'rolled back'
        : run.conclusion
  // Waits for the page, because without a healthcheck the gate may pass a release during an unhealthy spell.
  const correct = each.good
    ? result === 'good' && (await serves(lane, version.page)) && sawSpell(run.log, each)
    : result === 'rolled back' && (await serves(lane, before)) && (await sameAfterPlainUp(lane))
  if (!correct) console.log(`${each.name}: ${await lane.page()} is served\n${run.log}`)
  return `| ${each.name} | ${each.healthcheck ? 'yes' : 'no'} | ${each.stability} s | ${result} | ${correct ? '' : 'WRONG'} |`
}

const sawSpell = (log: string, { healthcheck, expectedLog }: Case): boolean =>
  !healthcheck || (expectedLog?.test(log) ?? true)

/** Reports whether a page is served within 15 seconds. */
async function serves(lane: Lane, page: string | undefined): Promise<boolean> {
  const end = performance.now() + 15_000
  while ((await lane.page()) !== page) {
    if (performance.now() > end) return false
    await sleep(200)
  }
  return page !== undefined
}

/** Reports whether a plain `docker compose up -d` keeps the restored containers. */
async function sameAfterPlainUp({ sh }: Lane): Promise<boolean> {
  const before = await sh('docker ps -q --no-trunc')
  await sh('docker compose up -d 2>&1')
  return before !== '' && (await sh('docker ps -q --no-trunc')) === before
}
