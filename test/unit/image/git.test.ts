// Runs the real git in a temporary repository.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Run } from '../../../src/core/command.ts'
import { committerDate, detachedRef } from '../../../src/image/git.ts'
import { causes, event, planned } from './events.ts'

let directory = ''
let signed = ''
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', directory, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    env: { ...process.env, GIT_COMMITTER_DATE: '2021-02-03T04:05:06+01:00', GIT_CONFIG_GLOBAL: '/dev/null' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()

const run: Run = async ({ file, args, env }) => {
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  return { code: status, stdout, stderr }
}

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-git-'))
  git('init', '--quiet', '--initial-branch=trunk')
  git('commit', '--quiet', '--allow-empty', '--message=x')
  git('tag', 'v3.1.4')
  // A commit with a signature that git could verify.
  signed = execFileSync('git', ['-C', directory, 'hash-object', '-t', 'commit', '-w', '--stdin'], {
    input: `tree ${git('write-tree')}\nauthor A <a@b> 1612321506 +0100\ncommitter A <a@b> 1612321506 +0100\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nx\n`,
    encoding: 'utf8',
  }).trim()
})

after(() => rmSync(directory, { recursive: true, force: true }))

const repositoryContext = () => ({
  ...event('workflow_dispatch', 'refs/heads/other', {}),
  workspace: directory,
})

test('the date of a commit comes from git if the event lacks it', async () => {
  const context = { ...repositoryContext(), sha: git('rev-parse', 'HEAD') }
  const plan = await planned({ tags: "{{commit_date 'YYYYMMDDHH'}}" }, context, { run })
  assert.deepEqual(plan.tagNames, ['2021020303'])
  assert.ok(plan.labels.includes('org.opencontainers.image.created=2021-02-03T03:05:06.000Z'))
})

test('a commit that git does not have gets the current date', async () => {
  const plan = await planned({ tags: "{{commit_date 'YYYY'}}" }, repositoryContext(), { run })
  assert.deepEqual(plan.tagNames, ['2020'])
})

test('metadata-context: the checked-out branch', async () => {
  const plan = await planned(
    { tags: 'type=ref,event=branch\ntype=sha', 'metadata-context': 'git' },
    repositoryContext(),
    { run },
  )
  assert.deepEqual(plan.tagNames, ['trunk', `sha-${git('rev-parse', 'HEAD').slice(0, 7)}`])
})

test('metadata-context: the checked-out tag', async () => {
  git('checkout', '--quiet', '--detach', 'v3.1.4')
  const plan = await planned(
    { tags: 'type=semver,pattern={{version}}', 'metadata-context': 'git' },
    repositoryContext(),
    { run },
  )
  assert.deepEqual(plan.tagNames, ['3.1.4', 'latest'])
})

test('metadata-context: no repository, and an invalid value', async () => {
  const context = event('push', 'refs/heads/main', {})
  const missing = await planned({ 'metadata-context': 'git' }, context, { run })
  assert.match(causes(missing.findings).join(), /^`metadata-context` is `git`, but git cannot determine/)
  const other = await planned({ 'metadata-context': 'gti' }, context)
  assert.match(causes(other.findings).join(), /^`metadata-context` is `gti`, which does not exist/)
})

const detached: readonly [refs: readonly string[], expected: string | undefined][] = [
  [['refs/remotes/origin/main', 'refs/tags/v1.2.3'], 'refs/tags/v1.2.3'],
  [['refs/tags/v1.2', 'refs/tags/v1.2.3'], 'refs/tags/v1.2.3'],
  [['refs/remotes/pull/7/merge'], 'refs/pull/7/merge'],
  [['refs/heads/main', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main'], 'refs/heads/main'],
  [['refs/heads/feat/x', 'refs/remotes/origin/feat/x'], 'refs/heads/feat/x'],
  [['refs/remotes/origin/main'], 'refs/heads/main'],
  [['refs/remotes/origin/HEAD'], undefined],
  [['refs/stash'], undefined],
  [[''], undefined],
]

for (const [refs, expected] of detached) {
  test(`detachedRef: ${refs.join(' ')}`, () => assert.equal(detachedRef(refs), expected))
}

const object = (committer: string, message = 'x') =>
  `tree ${'a'.repeat(40)}\nauthor A <a@b> 1 +0000\n${committer}\n\n${message}\n`

const commits: readonly [name: string, object: string, expected: string | undefined][] = [
  ['with a time zone', object('committer A <a@b> 1612321506 +0100'), '2021-02-03T03:05:06.000Z'],
  [
    'a name with special characters',
    object('committer > <> 1 <a@b> 1612321506 -0730'),
    '2021-02-03T03:05:06.000Z',
  ],
  ['only in the message', object('x', 'committer A <a@b> 1612321506 +0100'), undefined],
  ['an invalid date', object('committer A <a@b> soon +0100'), undefined],
  ['a negative date', object('committer A <a@b> -1 +0000'), undefined],
  ['nothing', '', undefined],
]

for (const [name, text, expected] of commits) {
  test(`the date of a commit: ${name}`, () => assert.equal(committerDate(text)?.toISOString(), expected))
}

/** Configurations that make git run a program when some git command reads the repository. */
const traps: readonly { name: string; set: (program: string) => readonly (readonly string[])[] }[] = [
  {
    name: 'a signature check',
    set: program => [
      ['log.showSignature', 'true'],
      ['gpg.program', program],
      ['gpg.x509.program', program],
      ['gpg.ssh.program', program],
    ],
  },
  { name: 'a file system monitor', set: program => [['core.fsmonitor', program]] },
  {
    name: 'a pager',
    set: program => [
      ['core.pager', program],
      ['pager.show', program],
      ['pager.for-each-ref', program],
    ],
  },
  {
    name: 'an alias',
    set: program => [
      ['alias.cat-file', `!${program}`],
      ['alias.show', `!${program}`],
    ],
  },
  {
    name: 'a promisor remote, from which git fetches missing objects',
    set: program => [
      ['core.repositoryFormatVersion', '1'],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.url', `ext::${program} %S`],
      ['protocol.ext.allow', 'always'],
      ['remote.origin.uploadpack', program],
    ],
  },
  {
    name: 'SSH',
    set: program => [
      ['core.sshCommand', program],
      ['core.gitProxy', program],
      ['credential.helper', `!${program}`],
    ],
  },
  { name: 'alternates', set: program => [['core.alternateRefsCommand', program]] },
  {
    name: 'an editor and a diff',
    set: program => [
      ['diff.external', program],
      ['core.editor', program],
    ],
  },
]

for (const { name, set } of traps) {
  test(`no program from the repository's configuration runs: ${name}`, async () => {
    const config = readFileSync(join(directory, '.git/config'))
    const proof = join(directory, 'ran')
    const program = join(directory, 'program')
    writeFileSync(program, `#!/bin/sh\necho "$0 $*" >>'${proof}'\nexit 1\n`, { mode: 0o755 })
    try {
      for (const [key = '', value = ''] of set(program)) git('config', key, value)
      mkdirSync(join(directory, '.git/hooks'), { recursive: true })
      for (const hook of [
        'post-checkout',
        'reference-transaction',
        'post-index-change',
        'fsmonitor-watchman',
      ])
        copyFileSync(program, join(directory, '.git/hooks', hook))
      for (const sha of [signed, 'f'.repeat(40)]) {
        const context = { ...repositoryContext(), sha }
        await planned({ tags: "{{commit_date 'YYYY'}}" }, context, { run })
        await planned({ 'metadata-context': 'git' }, context, { run })
      }
      assert.equal(existsSync(proof), false, existsSync(proof) ? readFileSync(proof, 'utf8') : '')
    } finally {
      writeFileSync(join(directory, '.git/config'), config)
      rmSync(proof, { force: true })
    }
  })
}

const head = (full_name: unknown) => ({ pull_request: { number: 7, head: { repo: { full_name } } } })
const forks: readonly { name: string; eventName: string; payload: object }[] = [
  { name: 'pull_request', eventName: 'pull_request', payload: head('x/y') },
  { name: 'pull_request_target', eventName: 'pull_request_target', payload: head('x/y') },
  {
    name: 'workflow_run',
    eventName: 'workflow_run',
    payload: { workflow_run: { head_repository: { full_name: 'x/y' } } },
  },
  {
    name: 'workflow_run of a deleted fork',
    eventName: 'workflow_run',
    payload: { workflow_run: { head_repository: null } },
  },
]

for (const { name, eventName, payload } of forks) {
  test(`git does not run in the workspace of a fork: ${name}`, async () => {
    const none: Run = async command => assert.fail(`ran ${command.file} ${command.args.join(' ')}`)
    const context = { ...event(eventName, 'refs/heads/main', payload), workspace: directory }
    const plan = await planned({ 'metadata-context': 'git', push: 'true' }, context, { run: none })
    assert.deepEqual(plan.findings.problems, [])
    assert.match(plan.findings.warnings.join('\n'), /`metadata-context: git` has no effect/)
  })
}
