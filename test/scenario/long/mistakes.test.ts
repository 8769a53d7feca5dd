/** Common mistakes of a first deploy that only show on the server, with the exact texts of docs/troubleshooting.md. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { reasons } from '../../../src/deploy/reasons.ts'
import { assertRed, literally } from '../expect.ts'
import { crashAfter, openSite, serve, ship, type webCompose, withoutHealthcheck } from '../site.ts'

interface Mistake {
  readonly name: string
  readonly run?: string
  readonly compose?: typeof webCompose
  readonly with?: Readonly<Record<string, string | boolean>>
  readonly cause: RegExp
  readonly remedy: string
  /** Expected output of the container, or of docker. */
  readonly shows: RegExp
}

const removed = 'Removed: no release ran before it, so none is running now\\.'

const mistakes: readonly Mistake[] = [
  {
    name: 'the server may not pull the private image',
    with: { 'server-login': false },
    cause:
      /^The deploy stopped: \S+@sha256:[0-9a-f]{64} could not be pulled: .+\. Nothing was changed on the server\.$/,
    remedy: reasons['pull-denied'],
    shows: /no basic auth credentials|unauthorized|denied/,
  },
  {
    name: 'the program crashes on startup',
    run: crashAfter(0),
    compose: withoutHealthcheck,
    cause: new RegExp(`^The new release failed: web (?:.*code 1\\)?|restarted \\d+ times)\\. ${removed}$`),
    remedy: reasons['crash-loop'],
    shows: /crashed on purpose/,
  },
  {
    name: 'the start is slow',
    run: 'CMD ["sh", "-c", "echo still loading; sleep 60"]',
    with: { 'wait-timeout': '6', stability: '2' },
    cause: new RegExp(`^The new release failed: web is not healthy yet, after 6 s\\. ${removed}$`),
    remedy: reasons.starting,
    shows: /still loading/,
  },
  {
    name: 'the program of the healthcheck is missing',
    run: `HEALTHCHECK --interval=1s CMD curl -f http://localhost:8080/ || exit 1\n${serve}`,
    compose: withoutHealthcheck,
    cause: new RegExp(
      `^The new release failed: the healthcheck of web runs \`curl\`, which is not in its image\\. ${removed}$`,
    ),
    remedy: reasons['healthcheck-missing'],
    shows: /curl: not found/,
  },
]

suite('a first deploy', { concurrency: 2 }, () => {
  for (const { name, run: lines, compose, with: inputs = {}, cause, remedy, shows } of mistakes)
    test(name, async () => {
      await using site = await openSite('mistake', compose === undefined ? {} : { compose })
      const run = await ship(
        site,
        { page: 'never', ...(lines === undefined ? {} : { run: lines }) },
        { with: inputs },
      )
      assertRed(run, { stage: 'deploy', cause, remedy: literally(remedy) })
      assert.match(run.log, shows)
      assert.deepEqual(await site.running(), [])
    })
})
