/** The staged copy of a project on a real file system, in the shells of servers. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { after, describe, it } from 'node:test'
import { referencedFiles } from '../../../../src/compose/references.ts'
import type { Run } from '../../../../src/core/command.ts'
import type { PayloadPlan } from '../../../../src/payload/plan.ts'
import { isProblem } from '../../../../src/target/compose-host/answer.ts'
import projectScript from '../../../../src/target/compose-host/project.sh'
import { askStaged } from '../../../../src/target/compose-host/staging.ts'
import { slowShells } from '../../deploy/shells.ts'
import { noHooks } from '../../payload/no-hooks.ts'

const place = mkdtempSync(join(tmpdir(), 'slipway-unit-'))
after(() => rmSync(place, { recursive: true }))

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true })
    writeFileSync(join(place, name), content)
  }
}

/** Runs commands as on a server whose `sh` is that shell, with its own directory for temporary files. */
const runBy =
  (shell: readonly string[], user: { uid?: number; gid?: number } = {}): Run =>
  async ({ args, stdin }) => {
    mkdirSync(join(place, 'tmp'), { recursive: true })
    for (const [path, mode] of [['.', 0o755] as const, ['tmp', 0o777] as const])
      chmodSync(join(place, path), mode)
    const [file = '', ...options] = shell
    const child = spawn(file, [...options, ...args], {
      env: { ...process.env, TMPDIR: join(place, 'tmp') },
      ...user,
    })
    const [stdout, stderr] = [text(child.stdout), text(child.stderr)]
    const code = new Promise<number | null>(resolve => child.on('close', resolve))
    if (typeof stdin === 'function') await pipeline(Readable.from(stdin()), child.stdin)
    return { code: await code, stdout: await stdout, stderr: await stderr }
  }

/** Root may write anywhere. */
const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

function planOf(
  files: Readonly<Record<string, string>>,
  settings: PayloadPlan['settings'] = [],
): PayloadPlan {
  put(Object.fromEntries(Object.entries(files).map(([name, content]) => [`workspace/${name}`, content])))
  return {
    files: Object.entries(files).map(([remote, content]) => ({
      local: join(place, 'workspace', remote),
      remote,
      mode: 0o644,
      size: content.length,
    })),
    settings,
    envFile: '.env',
    hooks: noHooks,
    allowOlder: false,
  }
}

for (const shell of slowShells) {
  const ask = async (directory: string, script: string, plan: PayloadPlan, args: readonly string[] = []) => {
    const question = { script, args: [directory, ...args], timeout: 20_000 }
    const answer = await askStaged(runBy(shell), question, plan, false)
    assert.ok(!isProblem(answer), JSON.stringify(answer))
    assert.deepEqual(readdirSync(join(place, 'tmp')), [], 'nothing of it stays')
    return answer
  }

  describe(`the staged copy of a project, in ${shell.join(' ')}`, () => {
    it('includes the files next to and above the project, under their own paths', async () => {
      put({
        'group/common.env': 'common',
        'above.yml': 'above',
        'group/app/own': 'own',
        'group/app/new': 'old',
      })
      const answer = await ask(
        join(place, 'group/app'),
        'look() { cd "$1" && say texts "$(cat own new ../common.env ../../above.yml)" && say path "$(cd .. && pwd)/x"; }; answer look "$@"',
        planOf({ new: 'new' }),
      )
      assert.equal(answer.text('texts'), 'ownnewcommonabove')
      assert.equal(answer.text('path'), `${place}/group/x`)
    })

    it('tells what is behind the compose files, brought or there already', async () => {
      put({
        'parts/compose.yaml': 'include: [old.yaml]',
        'parts/deep/part.yml': 'services: { db: { extends: { file: ../base.yaml, service: x } } }',
        'parts/base.yaml': 'services: { x: { env_file: base.env } }',
        'parts/other.yaml': 'services: { x: { env_file: other.env } }',
        'parts/none.yaml': 'services: {}',
      })
      const answer = await ask(
        join(place, 'parts'),
        projectScript,
        planOf({
          'compose.yaml': 'include:\n  - "deep/part.yml" # as it is\n  - young/part.yaml\nx: none.yaml\n',
          'young/part.yaml': 'services: { web: { env_file: [{ path: web.env }] } }',
        }),
        ['v2', '', 'false'],
      )
      const texts = answer.sections.flatMap(({ name }) => (name.startsWith('text.') ? [name.slice(5)] : []))
      const names = ['base.yaml', 'compose.yaml', 'deep/part.yml', 'young/part.yaml']
      assert.deepEqual(
        texts.toSorted(),
        names.map(name => join(place, 'parts', name)),
      )
      const referenced = await referencedFiles([join(place, 'parts/compose.yaml')], file =>
        answer.text(`text.${file}`),
      )
      assert.deepEqual(
        referenced.map(file => file.slice(place.length + 1)),
        [
          'parts/deep/part.yml',
          'parts/deep/.env',
          'parts/base.yaml',
          'parts/base.env',
          'parts/young/part.yaml',
          'parts/young/.env',
          'parts/young/web.env',
        ],
      )
    })

    it('reports which variables change, by name', async () => {
      put({ 'set/.env': 'A=1\n' })
      const answer = await ask(
        join(place, 'set'),
        'answer :',
        planOf({}, [
          { name: 'A', value: '1' },
          { name: 'B', value: 'hunter2' },
        ]),
      )
      assert.equal(answer.text('staged.settings'), 'A unchanged, B added')
    })

    it('works for a directory that does not exist yet', async () => {
      put({ 'group/common.env': 'common' })
      const answer = await ask(
        join(place, 'group/yet/to be'),
        'look() { cd "$1" && say text "$(cat a ../../common.env)"; }; answer look "$@"',
        planOf({ a: 'A' }),
      )
      assert.equal(answer.text('text'), 'Acommon')
      assert.ok(answer.has('staged.missing'))
    })

    it('stops a command that hangs', { timeout: 20_000 }, async () => {
      const answer = await ask(
        place,
        'look() { limit=1; capture slow sleep 600; }; answer look "$@"',
        planOf({ a: 'A' }),
      )
      assert.notEqual(answer.text('slow.code'), '0')
    })

    it('reports why an upload is refused', async () => {
      put({ 'linked/shared/.env': '' })
      rmSync(join(place, 'linked/.env'), { force: true })
      symlinkSync('shared/.env', join(place, 'linked/.env'))
      const question = { script: 'answer :', args: [join(place, 'linked')], timeout: 20_000 }
      const answer = await askStaged(runBy(shell), question, planOf({}, [{ name: 'A', value: '1' }]), false)
      const cause = `${place}/linked/.env is a symbolic link to shared/.env, and Slipway does not write through links.`
      assert.equal(isProblem(answer) && answer.cause, `The files cannot be uploaded: ${cause}`)
    })

    it('reports the uploads that the login may not write', async () => {
      const files = {
        'kept/conf/same': 'same',
        'kept/conf/other': 'old',
        'kept/only/same': 'same',
        'kept/open/file': 'old',
        'kept/env/app.env': 'A=1\n',
        'kept/whole/app.env': 'A=1\n',
      }
      put(files)
      for (const name of ['conf', 'only', 'env', 'whole']) chmodSync(join(place, 'kept', name), 0o555)
      chmodSync(join(place, 'kept'), 0o755)
      chmodSync(join(place, 'kept/open'), 0o777)
      const ask = async (plan: PayloadPlan) => {
        const question = { script: 'answer :', args: [join(place, 'kept')], timeout: 20_000 }
        const answer = await askStaged(runBy(shell, other), question, plan, false)
        assert.ok(!isProblem(answer), JSON.stringify(answer))
        return answer.lines('staged.locked')
      }
      const uploads = {
        'conf/same': 'same',
        'conf/other': 'new',
        'only/same': 'same',
        'open/file': 'new',
        'conf/deep/new': 'new',
      }
      const set = (value: string) => [{ name: 'A', value }]
      const locked = await ask({ ...planOf(uploads, set('2')), envFile: 'env/app.env' })
      assert.deepEqual(locked.sort(), ['conf\tconf/deep/new', 'conf\tconf/other', 'env\tenv/app.env'])
      assert.deepEqual(await ask({ ...planOf({}, set('1')), envFile: 'whole/app.env' }), [])
    })

    it('removes the copy of a killed process, but not that of a live one', async () => {
      const left = (pid: number | string) => join(place, `tmp/slipway.${pid}.abcdef`)
      mkdirSync(left(process.pid), { recursive: true })
      const dead = await runBy(shell)({ file: 'sh', args: ['-c', 'echo $$'] })
      mkdirSync(left(dead.stdout.trim()))
      const question = { script: 'answer :', args: [place], timeout: 20_000 }
      await askStaged(runBy(shell), question, planOf({}, [{ name: 'A', value: 'secret' }]), false)
      assert.deepEqual([existsSync(left(process.pid)), existsSync(left(dead.stdout.trim()))], [true, false])
      rmSync(left(process.pid), { recursive: true })
    })
  })
}
