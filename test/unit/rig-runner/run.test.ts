import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type ActionOptions, runAction } from '../../rig/runner.ts'

const action = join(import.meta.dirname, 'fixture')
const run = (script: string, options: ActionOptions = {}) =>
  runAction({ action, ...options, with: { do: script, ...options.with } })

describe('inputs', () => {
  it('take defaults as text, contexts filled in, and an empty variable where there is none', async () => {
    const { raw } = await run(
      `console.log(JSON.stringify(['COUNT', 'TOKEN', 'OLD_NAME', 'DO-AFTER'].map(name => process.env['INPUT_' + name])))`,
      { github: { token: 'ghs_of_this_test' } },
    )
    assert.deepEqual(JSON.parse(raw), ['010', 'ghs_of_this_test', '', ''])
  })

  it('that are given win, even when empty; names know no case; unknown ones are passed on and warned of', async () => {
    const { raw, warnings } = await run(
      `console.log(JSON.stringify(['COUNT', 'TOKEN', 'OLD_NAME', 'TPYO'].map(name => process.env['INPUT_' + name])))`,
      { with: { Count: 3, token: '', 'old name': true, tpyo: 'x' } },
    )
    assert.deepEqual(JSON.parse(raw), ['3', '', 'true', 'x'])
    assert.deepEqual(warnings, [
      "Unexpected input(s) 'tpyo', valid inputs are ['do', 'do-after', 'count', 'token', 'old name']",
      "Input 'old name' has been deprecated with message: take `do`",
    ])
  })
})

describe('the log', () => {
  it('is read in lines as .NET reads them: a carriage return ends one', async () => {
    const script = String.raw`process.stdout.write('#5 10%\r::set-output name=smuggled::yes\r\nend\n')`
    const { outputs, log } = await run(script)
    assert.equal(outputs['smuggled'], 'yes')
    assert.deepEqual(
      log.split('\n').filter(line => !line.startsWith('##[')),
      ['#5 10%', 'end'],
    )
  })
})

describe('the environment', () => {
  it('is that of a runner, and nothing of the machine that tests', async () => {
    const { raw } = await run('console.log(JSON.stringify(process.env))', {
      env: { MINE: 'yes' },
      github: { ref: 'refs/tags/v1', repository: 'a/b' },
    })
    const env = JSON.parse(raw)
    assert.equal(env.MINE, 'yes')
    assert.equal(env.GITHUB_REF_NAME, 'v1')
    assert.equal(env.GITHUB_REF_TYPE, 'tag')
    assert.equal(env.GITHUB_REPOSITORY_OWNER, 'a')
    assert.equal(env.GITHUB_TOKEN, undefined)
    const foreign = Object.keys(env).filter(
      name => !/^(GITHUB_|RUNNER_|INPUT_)|^(CI|HOME|LANG|PATH|MINE)$/.test(name),
    )
    assert.deepEqual(foreign, [])
    assert.notEqual(env.HOME, process.env['HOME'])
  })

  it('has Node 24, the event in its file, and starts in the workspace', async () => {
    const { raw } = await run(
      `const event = JSON.parse(require('fs').readFileSync(process.env.GITHUB_EVENT_PATH))
       console.log(process.version.split('.')[0], event.number, process.cwd() === process.env.GITHUB_WORKSPACE)`,
      { event: { number: 7 } },
    )
    assert.equal(raw, 'v24 7 true')
  })
})

describe('what a step leaves', () => {
  it('outputs, environment, path and summary are read from its files', async () => {
    const result = await run(`
      write('OUTPUT', 'one=1=1\\nmany<<END\\na\\n\\nb=c\\nEND\\n')
      write('ENV', 'LATER=x\\n'); write('PATH', '/opt/a\\n'); write('STEP_SUMMARY', '# Done\\n')`)
    assert.equal(result.code, 0)
    assert.deepEqual(result.outputs, { one: '1=1', many: 'a\n\nb=c' })
    assert.deepEqual(result.env, { LATER: 'x' })
    assert.deepEqual(result.path, ['/opt/a'])
    assert.equal(result.summary, '# Done\n')
  })

  it('a broken file fails the step, as on GitHub', async () => {
    const result = await run(`write('OUTPUT', 'open<<END\\nnever closed\\n')`)
    assert.equal(result.conclusion, 'failure')
    assert.match(result.log, /##\[error\]Unable to process file command 'output'.*'END'/)
  })

  it('post sees the state, the environment and the path of main, and the same inputs', async () => {
    const seen: string[] = []
    const { post } = await run(
      `write('STATE', 'login<<E\\na\\nb\\nE\\n'); write('ENV', 'LATER=x\\n'); write('PATH', '/opt/a\\n')`,
      {
        with: {
          count: 9,
          'do-after': `const e = process.env
            console.log(JSON.stringify([e.STATE_login, e.LATER, e.PATH.split(':')[0], e.INPUT_COUNT]))`,
        },
        between: async ({ state }) => void seen.push(state['login'] ?? ''),
      },
    )
    assert.deepEqual(JSON.parse(post?.raw ?? ''), ['a\nb', 'x', '/opt/a', '9'])
    assert.deepEqual(seen, ['a\nb'])
  })

  it('post runs after a failure too', async () => {
    const result = await run('process.exitCode = 3', { with: { 'do-after': `console.log('after')` } })
    assert.equal(result.code, 3)
    assert.equal(result.conclusion, 'failure')
    assert.equal(result.post?.log, 'after')
  })

  it('files and processes that are left are named, and the processes ended', async () => {
    const { leftovers, orphans } = await run(`
      require('fs').writeFileSync(process.env.RUNNER_TEMP + '/password', '')
      require('child_process').spawn('sleep', ['600'], { stdio: 'ignore', detached: true }).unref()`)
    assert.deepEqual(leftovers, ['temp/password'])
    assert.deepEqual(
      orphans.map(({ command }) => command),
      ['sleep 600'],
    )
    assert.equal(
      spawnSync('kill', ['-0', String(orphans[0]?.pid)]).status === 0 && stillSleeps(orphans),
      false,
    )
  })
})

const stillSleeps = ([orphan]: readonly { pid: number }[]): boolean =>
  spawnSync('cat', [`/proc/${orphan?.pid}/cmdline`], { encoding: 'utf8' }).stdout.includes('sleep')

describe('a cancel', () => {
  it('is SIGINT first, and post runs', async () => {
    const result = await run(
      `process.on('SIGINT', () => { console.log('stopping'); process.exit(1) }); setTimeout(() => {}, 60000); console.log('ready')`,
      {
        with: { 'do-after': `console.log('after')` },
        onLine: (line, acting) => line === 'ready' && acting.cancel(),
      },
    )
    assert.equal(result.conclusion, 'cancelled')
    assert.equal(result.log, 'ready\nstopping')
    assert.equal(result.post?.log, 'after')
    assert.ok(result.durations.main < 7000)
  })

  it('is SIGTERM after 7.5 s and SIGKILL after 2.5 s more', async () => {
    const result = await run(
      `const begin = Date.now()
       for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => console.log(signal))
       setTimeout(() => {}, 60000); console.log('ready')`,
      { onLine: (line, acting) => line === 'ready' && acting.cancel() },
    )
    assert.equal(result.log, 'ready\nSIGINT\nSIGTERM')
    assert.equal(result.signal, 'SIGKILL')
    assert.ok(result.durations.main > 9900 && result.durations.main < 25000, `${result.durations.main}`)
  })

  it('comes by itself at the time-out', async () => {
    const result = await run('setTimeout(() => {}, 60000)', { timeout: 200 })
    assert.equal(result.conclusion, 'cancelled')
    assert.equal(result.signal, 'SIGINT')
  })

  it('is not what a lost runner does: no post', async () => {
    const result = await run(`setTimeout(() => {}, 60000); console.log('ready')`, {
      onLine: (line, acting) => line === 'ready' && acting.loseRunner(),
    })
    assert.equal(result.signal, 'SIGKILL')
    assert.equal(result.post, undefined)
  })
})
