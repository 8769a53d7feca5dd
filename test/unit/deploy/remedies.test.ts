import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { remedyOf } from '../../../src/deploy/remedies.ts'

suite('the remedy of', () => {
  const rows: readonly (readonly [stage: string, reason: string, expected: RegExp])[] = [
    ['lock', 'gave up waiting after 600 s: the lock is held by me', /longer `lock-timeout`/],
    ['lock', 'the lock cannot be written in /srv/app/.slipway/lock', /room on the disk.*write/],
    ['lock', 'cancelled while waiting', /^Run the job again\.$/],
    ['pull', 'cancelled during the pull', /^Run the job again\.$/],
    ['pull', 'the image could not be pulled: denied', /registry/],
    ['up', 'Compose failed (exit code 1): port is already allocated', /Compose said/],
    ['up', 'web is not healthy after 120 s', /depends_on/],
    ['gate', 'web is not healthy, after 120 s', /last lines of the container/],
    ['gate', 'the docker engine does not say what runs', /systemctl status docker/],
    ['up', 'the docker engine did not answer for 60 s', /systemctl status docker/],
    ['bring', 'what is replaced cannot be recorded in /srv/app/.slipway', /room on the disk/],
    ['bring', 'what was in /srv/app/.env could not be put back', /deploy again: that tries once more/],
    ['bring', '/srv/app/conf is no directory', /has its place/],
    ['bring', '/srv/app/conf is a link to /etc: nothing is brought through it', /where the link leads/],
    ['check', 'Compose does not take the project with what is brought', /docker compose config/],
    ['cut', 'the transaction was cut off before it changed anything', /run the job again/],
    ['choose', 'the history of web has no release v9', /or `previous`/],
  ]
  for (const [stage, reason, expected] of rows)
    test(reason, () => assert.match(remedyOf(stage, reason) ?? '', expected))
})
