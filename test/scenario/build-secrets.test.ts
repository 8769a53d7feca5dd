/** Build secrets are visible to the build step that mounts them, and nowhere else. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { askRegistry } from '../rig/ask-registry.ts'
import { assertGreen } from './expect.ts'
import { noServer, openSite, type Site, ship } from './site.ts'

test('a secret reaches its step, and no layer, history, provenance, log or process list', async () => {
  await using site = await openSite('secrets')
  const mark = `planted-${randomBytes(12).toString('hex')}`
  const secret = `${mark}-one`
  const more = `${mark}-two of "two"\nlines`
  const watch = watchProcesses(mark)
  const run = await ship(
    site,
    {
      page: 'x',
      run: 'RUN --mount=type=secret,id=ONE --mount=type=secret,id=TWO --mount=type=secret,id=THREE sha256sum /run/secrets/* >/sums',
      files: { 'two.txt': more },
    },
    {
      with: {
        ...noServer,
        secrets: `ONE=${secret}`,
        'secret-files': 'TWO=two.txt',
        'secret-envs': 'THREE=PLANTED',
        // A secret is not part of a step's cache key, so the step could be cached.
        'no-cache': true,
      },
      env: { ...site.rig.runner.env, PLANTED: `${mark}-three` },
    },
  )
  assertGreen(run)
  assert.deepEqual(watch.end(), [])
  const contents = await downloadImage(site)
  for (const value of [secret, more, `${mark}-three`]) {
    const sum = createHash('sha256').update(value).digest('hex')
    assert.ok(
      contents.some(content => content.includes(sum)),
      'the build step read the secret',
    )
  }
  assert.deepEqual(
    contents.filter(content => content.includes(mark)),
    [],
  )
  assert.ok(!run.log.includes(mark))
})

/**
 * Downloads everything that belongs to the image: index, manifests, configurations, layers, provenance; uncompressed.
 */
async function downloadImage({ rig: all, image }: Site): Promise<string[]> {
  const { registry } = all
  const seen = new Map<string, string>()
  const visit = async (kind: 'manifests' | 'blobs', name: string): Promise<void> => {
    if (seen.has(name)) return
    seen.set(name, '')
    const answer = await askRegistry(registry, `${image.slice(registry.host.length + 1)}/${kind}/${name}`)
    const bytes = Buffer.from(await answer.arrayBuffer())
    const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('latin1')
    seen.set(name, text)
    if (kind === 'blobs') return
    const content = JSON.parse(text) as Record<'manifests' | 'layers', { digest: string }[] | undefined> & {
      config?: { digest: string }
    }
    await Promise.all([
      ...(content.manifests ?? []).map(({ digest }) => visit('manifests', digest)),
      ...[...(content.layers ?? []), ...(content.config ? [content.config] : [])].map(({ digest }) =>
        visit('blobs', digest),
      ),
    ])
  }
  await visit('manifests', 'latest')
  return [...seen.values()]
}

/** Polls the arguments of every process on this machine for `word`, until `end` is called. */
function watchProcesses(word: string) {
  const found = new Set<string>()
  const look = () => {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      try {
        const text = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        if (text.includes(word)) found.add(text)
      } catch {
        // It has exited in the meantime.
      }
    }
  }
  const timer = setInterval(look, 15)
  return {
    end(): string[] {
      clearInterval(timer)
      return [...found]
    },
  }
}
