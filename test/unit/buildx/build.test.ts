import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from '../../../src/buildx/build.ts'
import { Failure } from '../../../src/core/errors.ts'
import { type Given, planned } from './planned.ts'
import { type ScriptedRunner, scriptedRunner } from './scripted-runner.ts'

const builder = { name: 'default', why: undefined, annotates: true, isEngine: true }
const image = {
  images: [],
  tags: ['ghcr.io/octocat/app:1'],
  labels: [],
  annotations: { plain: [], levelled: [], levels: [] },
  version: '1',
}
const digest = `sha256:${'a'.repeat(64)}`

const imageId = `sha256:${'b'.repeat(64)}`

/**
 * The start of a script in place of buildx: finds the paths of buildx's files in the arguments; `finish` writes them.
 */
const files = `
while [ $# -gt 0 ]; do
  case $1 in
    --metadata-file) metadata=$2 ;;
    --iidfile) imageid=$2 ;;
    --secret) secrets="$secrets $2" ;;
  esac
  shift
done
count=$(($(cat "$here/count" 2>/dev/null || echo 0) + 1))
echo $count >"$here/count"
finish() {
  echo '{"containerimage.digest":"${digest}"}' >"$metadata"
  printf ${imageId} >"$imageid"
}`

const unavailable =
  'ERROR: failed to build: failed to solve: failed to push ghcr.io/octocat/app:1: unexpected status from PUT request to https://ghcr.io/v2/: 503 Service Unavailable'

const waits = [1, 1, 1]

async function start(runner: ScriptedRunner, given: Given = {}, options: object = { waits }) {
  return await build(runner.runtime, { plan: (await planned(given)).plan, image, builder }, options)
}

const attempts = ({ directory }: ScriptedRunner) => Number(readFileSync(join(directory, 'count'), 'utf8'))
const leftovers = ({ directory }: ScriptedRunner) =>
  readdirSync(directory).filter(name => name.startsWith('slipway-'))

test('a successful build returns the digest and the image ID, and leaves no files', async () => {
  const runner = scriptedRunner(`${files}\necho '#1 building' >&2\nfinish`)
  const built = await start(runner)
  assert.deepEqual([built.digest, built.imageId, built.pushed], [digest, imageId, true])
  assert.match(runner.log(), /\$ docker buildx build .* \.\n#1 building\n/)
  assert.deepEqual(leftovers(runner), [])
  assert.equal(runner.undos[0]?.kind, 'directory')
})

const exported = '#7 exporting cache to registry\\n#7 preparing build cache for export\\n'

for (const { name, log, warns } of [
  { name: 'a failed', log: `${exported}#8 ERROR: of another\\n#7 ERROR: 403 Forbidden`, warns: true },
  { name: 'a successful', log: `${exported}#7 DONE 0.1s\\n#8 ERROR: of another`, warns: false },
]) {
  test(`${name} cache export in a successful build`, async () => {
    const runner = scriptedRunner(`${files}\nprintf '${log}\\n' >&2\nfinish`)
    assert.equal((await start(runner)).digest, digest)
    assert.equal(runner.log().includes('The cache was not exported: 403 Forbidden'), warns, runner.log())
  })
}

test('a transient error is retried and logged', async () => {
  const runner = scriptedRunner(
    `${files}\n[ $count -lt 3 ] && { echo '${unavailable}' >&2; exit 1; }\nfinish`,
  )
  assert.equal((await start(runner)).digest, digest)
  assert.equal(attempts(runner), 3)
  assert.match(runner.log(), /503 Service Unavailable\. Trying again in 0\.0 s \(2 of 3\)/)
})

const failures: readonly {
  name: string
  script: string
  times: number
  stage: 'build' | 'push'
  cause: RegExp
  output?: RegExp
}[] = [
  {
    name: 'a transient error that persists',
    script: `echo '${unavailable}' >&2; exit 1`,
    times: 4,
    stage: 'push',
    cause: /503/,
  },
  {
    name: 'a denied push',
    script: `echo 'ERROR: failed to build: failed to solve: failed to push x: denied: permission_denied: write_package' >&2; exit 1`,
    times: 1,
    stage: 'push',
    cause: /refused/,
  },
  {
    name: 'a failed step',
    script: `printf '%s\\n' '#5 0.2 boom' 'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1' >&2; exit 1`,
    times: 1,
    stage: 'build',
    cause: /Dockerfile/,
    output: /#5 0\.2 boom/,
  },
  { name: 'a kill without output', script: 'exit 137', times: 1, stage: 'build', cause: /memory/ },
  {
    name: 'a non-zero exit code after output of success',
    script: 'finish; echo "#9 DONE"; exit 1',
    times: 1,
    stage: 'build',
    cause: /exit code 1/,
  },
  {
    name: 'a push without a digest',
    script: 'echo null >"$metadata"',
    times: 1,
    stage: 'push',
    cause: /no digest/,
  },
]

for (const { name, script, times, stage, cause, output } of failures) {
  test(`failure: ${name}`, async () => {
    const runner = scriptedRunner(`${files}\n${script}`)
    await assert.rejects(start(runner), error => {
      assert.ok(error instanceof Failure)
      assert.equal(error.stage, stage)
      assert.match(error.problems[0]?.cause ?? '', cause)
      if (output !== undefined) assert.match(error.problems[0]?.output ?? '', output)
      return true
    })
    assert.equal(attempts(runner), times)
    assert.deepEqual(leftovers(runner), [])
  })
}

test('the metadata of an earlier attempt is not used', async () => {
  const runner = scriptedRunner(
    `${files}\n[ $count = 1 ] && { finish; echo '${unavailable}' >&2; exit 1; }\nexit 0`,
  )
  await assert.rejects(start(runner), /no digest/)
})

const warning = {
  short: Buffer.from("FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 2)").toString(
    'base64',
  ),
  url: 'https://docs.docker.com/go/dockerfile/rule/from-as-casing/',
  range: [{ start: { line: 2 } }],
}

const text = `FromAsCasing: 'as' and 'FROM' keywords' casing do not match (${warning.url})`
const at = { file: 'app/Dockerfile', line: 2 }

for (const { name, switched = '', given, expected } of [
  { name: 'in the build context', given: { context: 'app' }, expected: [at] },
  { name: 'with an absolute path', given: { context: '.', file: '$here/app/Dockerfile' }, expected: [at] },
  {
    name: 'with a path that is not normalized',
    given: { context: '.', file: './app/../app/Dockerfile' },
    expected: [at],
  },
  {
    name: 'in the commit, which is not checked out',
    given: { context: '{{defaultContext}}:app' },
    expected: [at],
  },
  {
    name: 'in another repository',
    given: { context: 'https://git.example/a.git', file: 'app/Dockerfile' },
    expected: [{}],
  },
  {
    name: 'at a URL',
    given: { context: '.', file: 'https://files.example/Dockerfile' },
    expected: [{}],
  },
  {
    name: 'outside the workspace',
    given: { context: '.', file: '/elsewhere/Dockerfile' },
    expected: [{}],
  },
  { name: 'with annotations switched off', switched: 'false', given: { context: 'app' }, expected: [] },
]) {
  test(`warnings annotate a Dockerfile ${name}`, async () => {
    const content = JSON.stringify({ 'containerimage.digest': digest, 'buildx.build.warnings': [warning] })
    const runner = scriptedRunner(`${files}\ncat >"$metadata" <<'EOF'\n${content}\nEOF`, {
      DOCKER_BUILD_CHECKS_ANNOTATIONS: switched,
    })
    const warnings: object[] = []
    const log = {
      ...runner.runtime.log,
      warning: (text: string, at: object = {}) => void warnings.push({ text, at }),
    }
    const inputs = {
      ...given,
      ...(given.file ? { file: given.file.replace('$here', runner.directory) } : {}),
    }
    await start({ ...runner, runtime: { ...runner.runtime, log } }, inputs)
    assert.deepEqual(
      warnings,
      expected.map(location => ({ text, at: location })),
    )
  })
}

test('a stalled push is aborted and retried', async () => {
  const stalls = `[ $count = 1 ] && { echo '#9 pushing layers' >&2; exec sleep 60; }`
  const runner = scriptedRunner(`${files}\n${stalls}\nfinish`)
  assert.equal((await start(runner, {}, { waits, stallTimeout: 300 })).digest, digest)
  assert.match(runner.log(), /no progress/)
})

test('a step without output for a long time is not aborted', async () => {
  const runner = scriptedRunner(`${files}\necho '#5 [2/3] RUN make' >&2\nsleep 0.6\nfinish`)
  assert.equal((await start(runner, {}, { waits: [], stallTimeout: 200 })).digest, digest)
})

test('a cancellation ends the build immediately, without a retry', async () => {
  const runner = scriptedRunner(`${files}\necho started >"$here/started"\nexec sleep 60`)
  const began = performance.now()
  const ended = assert.rejects(start(runner), { name: 'AbortError' })
  while (!existsSync(join(runner.directory, 'started'))) await new Promise(resolve => setTimeout(resolve, 10))
  runner.cancel()
  await ended
  assert.ok(performance.now() - began < 5_000)
  assert.equal(attempts(runner), 1)
  assert.deepEqual(leftovers(runner), [])
})

test('secrets are passed in private files and masked in the log', async () => {
  const script = `
for secret in $secrets; do
  case $secret in *,src=*) file=\${secret#*,src=}; stat -c '%a' "$(dirname "$file")" "$file"; cat "$file"; echo ;; esac
done >"$here/seen"
cat "$here/seen"
finish`
  const runner = scriptedRunner(`${files}\n${script}`)
  writeFileSync(join(runner.directory, 'netrc'), 'machine x password file-secret')
  await start(runner, {
    secrets: 'TOKEN=s3cret-value',
    'secret-files': 'NETRC=netrc',
    'secret-envs': 'KEY=HOME',
  })
  const seen = readFileSync(join(runner.directory, 'seen'), 'utf8')
  assert.equal(seen, '700\n600\ns3cret-value\n700\n600\nmachine x password file-secret\n')
  assert.doesNotMatch(runner.log(), /s3cret-value|file-secret/)
  assert.deepEqual(leftovers(runner), [])
})

test('the value of a secret variable is masked in the log', async () => {
  const runner = scriptedRunner(`${files}\necho "#5 0.1 $NPM_TOKEN"\nfinish`, { NPM_TOKEN: 'npm-s3cret' })
  await start(runner, { 'secret-envs': 'TOKEN=NPM_TOKEN' })
  assert.match(runner.log(), /#5 0\.1 \*\*\*/)
})

for (const [userEnv, expected] of [
  [{}, 'true'],
  [{ BUILDX_METADATA_WARNINGS: '0' }, '0'],
] as const) {
  test(`warnings in the metadata are requested unless the user sets the variable: ${expected}`, async () => {
    const runner = scriptedRunner(
      `${files}\nprintf %s "$BUILDX_METADATA_WARNINGS" >"$here/asked"\nfinish`,
      userEnv,
    )
    await start(runner)
    assert.equal(readFileSync(join(runner.directory, 'asked'), 'utf8'), expected)
  })
}

test('a missing secret file is reported', async () => {
  const runner = scriptedRunner(files)
  await assert.rejects(start(runner, { 'secret-files': 'NETRC=nowhere' }), error => {
    assert.ok(error instanceof Failure)
    assert.match(error.problems[0]?.cause ?? '', /`nowhere` for `NETRC`/)
    return true
  })
  assert.equal(existsSync(join(runner.directory, 'count')), false)
})
