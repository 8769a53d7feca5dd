import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { noFindings } from '../../../../src/core/findings.ts'
import { type InputName, type Inputs, inputNames } from '../../../../src/inputs/inputs.ts'
import type { SshPlan } from '../../../../src/ssh/plan.ts'
import { type DeployPlan, planDeploy } from '../../../../src/target/plan.ts'

const ssh: SshPlan = {
  host: 'example.com',
  port: 22,
  user: 'deploy',
  authentication: { kind: 'password', password: 'pw' },
  hostKey: { kind: 'insecure' },
}
const good = { 'project-directory': '/srv/app', service: 'web' }

type Given = Readonly<Partial<Record<InputName, string>>>

const inputsOf = (given: Given) =>
  Object.fromEntries(inputNames.map(name => [name, given[name] ?? ''])) as Inputs

function plan(given: Given) {
  const findings = noFindings()
  return { plan: planDeploy(inputsOf(given), ssh, findings), ...findings }
}

suite('the plan of a deploy', () => {
  const table: readonly { name: string; input: Given; expected: Partial<DeployPlan> }[] = [
    {
      name: 'required inputs only, and the defaults',
      input: good,
      expected: {
        ssh,
        projectDirectory: '/srv/app',
        services: ['web'],
        whole: false,
        images: {},
        removeOrphans: false,
        composeFiles: [],
        composeEnvFiles: [],
        projectName: undefined,
        waitTimeout: 120,
        stability: 10,
        rollback: true,
        rollbackTo: undefined,
        lockTimeout: 600,
        keepReleases: 3,
        strategy: 'recreate',
        drain: 10,
        overlap: [],
        withdraw: 'health',
        proxyReload: '',
        serverLogin: true,
      },
    },
    {
      name: 'all inputs',
      input: {
        ...good,
        service: 'web\nworker\nweb\n',
        'compose-files': 'compose.yaml\ndeploy/a,b.yaml',
        'compose-env-files': './.env.production\nconfig/base.env',
        'project-name': 'shop-1',
        'wait-timeout': '5m',
        stability: '30s',
        rollback: 'false',
        'rollback-to': 'v1.2.3',
        'lock-timeout': '0',
        'keep-releases': '0',
        strategy: 'auto',
        drain: '1m',
        overlap: 'uploads\n./cache',
        withdraw: 'touch "/tmp/leave me"',
        'proxy-reload': 'nginx -s reload',
        'server-login': 'false',
      },
      expected: {
        services: ['web', 'worker'],
        composeFiles: ['compose.yaml', 'deploy/a,b.yaml'],
        composeEnvFiles: ['.env.production', 'config/base.env'],
        projectName: 'shop-1',
        waitTimeout: 300,
        stability: 30,
        rollback: false,
        rollbackTo: 'v1.2.3',
        lockTimeout: 0,
        keepReleases: 0,
        strategy: 'auto',
        drain: 60,
        overlap: ['uploads', './cache'],
        withdraw: ['touch', '/tmp/leave me'],
        proxyReload: 'nginx -s reload',
        serverLogin: false,
      },
    },
    {
      name: 'comma-separated services',
      input: { ...good, service: 'web, worker' },
      expected: { services: ['web', 'worker'] },
    },
    {
      name: 'below the home directory',
      input: { ...good, 'project-directory': '~/my app' },
      expected: { projectDirectory: 'my app' },
    },
    {
      name: 'the home directory itself',
      input: { ...good, 'project-directory': '~' },
      expected: { projectDirectory: '.' },
    },
    {
      name: 'relative to the home directory',
      input: { ...good, 'project-directory': 'app' },
      expected: { projectDirectory: 'app' },
    },
    {
      name: 'a digest to roll back to',
      input: { ...good, 'rollback-to': `sha256:${'a'.repeat(64)}` },
      expected: { rollbackTo: `sha256:${'a'.repeat(64)}` },
    },
  ]
  for (const { name, input, expected } of table)
    test(name, () => {
      const { plan: found, problems, warnings } = plan(input)
      assert.deepEqual([...problems, ...warnings], [])
      assert.deepEqual({ ...found, ...expected }, found)
    })

  test('problems are reported also if the SSH inputs are invalid', () => {
    const findings = noFindings()
    assert.equal(planDeploy(inputsOf({ service: 'web' }), undefined, findings), undefined)
    assert.match(findings.problems[0]?.cause ?? '', /`project-directory` is not set/)
  })
})

suite('problems of a deploy', () => {
  const table: readonly { name: string; input: Given; expected: readonly RegExp[] }[] = [
    {
      name: 'no inputs',
      input: {},
      expected: [/`project-directory` is not set/],
    },
    {
      name: "another user's home directory",
      input: { ...good, 'project-directory': '~www/app' },
      expected: [/`project-directory` is `~www\/app`/],
    },
    {
      name: 'two directories',
      input: { ...good, 'project-directory': '/a\n/b' },
      expected: [/which is not a usable path/],
    },
    {
      name: 'an invalid service name',
      input: { ...good, service: 'web app' },
      expected: [/`service` is `web app`/],
    },
    {
      name: 'an empty image: the output of a step that did not push',
      input: { ...good, service: 'web=\napi=ghcr.io/octo/api:1' },
      expected: [/`service` has no image after `web=`: is the output/],
    },
    {
      name: 'an invalid image',
      input: { ...good, service: 'web=ghcr.io/Octo/web' },
      expected: [/gives `web` the image `ghcr.io\/Octo\/web`: a repository name is lower case/],
    },
    {
      name: 'two images for one service',
      input: { ...good, service: 'web=octo/web:1\nweb=octo/web:2' },
      expected: [/gives `web` two images/],
    },
    {
      name: 'an image together with a rollback',
      input: { ...good, service: 'web=octo/web:1', 'rollback-to': 'previous' },
      expected: [/gives `web` an image, but `rollback-to` takes the image from the server's history/],
    },
    {
      name: 'remove-orphans with named services',
      input: { ...good, 'remove-orphans': 'true' },
      expected: [/`remove-orphans` is `true`, but `service` limits the deploy/],
    },
    {
      name: 'an invalid project name',
      input: { ...good, 'project-name': 'My App' },
      expected: [/`project-name` is `My App`/],
    },
    {
      name: 'an invalid release',
      input: { ...good, 'rollback-to': 'repo:tag' },
      expected: [/`rollback-to` is `repo:tag`/],
    },
    {
      name: 'a stability window that cannot pass',
      input: { ...good, 'wait-timeout': '60', stability: '2m' },
      expected: [/`wait-timeout` is 60 s, .* `stability`, 120 s/],
    },
    {
      name: 'numbers',
      input: { ...good, 'wait-timeout': 'soon', 'keep-releases': '-1', rollback: 'maybe' },
      expected: [/`wait-timeout` is `soon`/, /`rollback` is `maybe`/, /`keep-releases` is `-1`/],
    },
  ]
  for (const { name, input, expected } of table)
    test(name, () => {
      const { problems } = plan(input)
      assert.equal(problems.length, expected.length, JSON.stringify(problems))
      for (const [index, pattern] of expected.entries()) assert.match(problems[index]?.cause ?? '', pattern)
      for (const { remedy, input: blamed } of problems) assert.ok(remedy && blamed)
    })
})
