import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import type { Command, Outcome } from '../../../../src/core/command.ts'
import type { Problem } from '../../../../src/core/errors.ts'
import type { Tools } from '../../../../src/target/compose-host/facts.ts'
import { findTools } from '../../../../src/target/compose-host/tools.ts'

/** Answers as a real server answered one of its users, with changes. */
const answered =
  (file: string, change: (text: string) => string = text => text) =>
  async (): Promise<Outcome> => {
    const text = readFileSync(new URL(`./tools/${file}.txt`, import.meta.url), 'utf8')
    return { code: 0, stdout: change(text), stderr: '' }
  }

suite('the tools of a server, parsed from its answer', () => {
  const login = {
    user: 'deploy',
    uid: 1001,
    groups: ['deploy', 'docker'],
    home: '/home/deploy',
    shell: '/bin/bash',
  }
  const session =
    (only: string, exclude: string, more = '') =>
    (text: string) =>
      text.replace('=docker\n', `=kill.only\n ${only}\n=kill.exclude\n ${exclude}\n${more}=docker\n`)
  const table: readonly { name: string; run: () => Promise<Outcome>; expected: Partial<Tools> }[] = [
    {
      name: 'engine 28 with the containerd store',
      run: answered('containerd'),
      expected: {
        docker: ['docker'],
        engineVersion: '28.5.2+dfsg4',
        compose: ['docker', 'compose'],
        composeVersion: '2.40.3',
        platform: 'linux/amd64',
        endpoint: 'unix:///var/run/docker.sock',
        imageStore: 'containerd',
        dockerRoot: '/var/lib/docker',
        os: 'Debian GNU/Linux 12 (bookworm)',
        login,
        has: { flock: true, setsid: true, nohup: true, timeout: true },
        killsLeftovers: false,
        escape: undefined,
      },
    },
    {
      name: 'engine 26 with the classic store, for a login shell that is fish',
      run: answered('plugin'),
      expected: {
        imageStore: 'classic',
        composeVersion: '2.26.1',
        login: { ...login, user: 'fish' } as never,
      },
    },
    {
      name: 'Compose v1',
      run: answered('v1'),
      expected: { compose: ['docker-compose'], composeVersion: '1.29.2', engineVersion: '20.10.24+dfsg1' },
    },
    {
      name: 'by sudo',
      run: answered('by-sudo'),
      expected: {
        docker: ['sudo', '-n', '/usr/bin/docker'],
        compose: ['sudo', '-n', '/usr/bin/docker', 'compose'],
      },
    },
    {
      name: 'other output before and after the answer',
      run: answered('containerd', text => `\x1b[1mWelcome!\n=docker\n fake\n${text}bye\n=end\n`),
      expected: { docker: ['docker'] },
    },
    {
      name: 'an ARM machine',
      run: answered('containerd', text => text.replace('"x86_64"', '"aarch64"')),
      expected: { platform: 'linux/arm64' },
    },
    {
      name: 'a small ARM machine',
      run: answered('containerd', text => text.replace('"x86_64"', '"armv7l"')),
      expected: { platform: 'linux/arm/v7' },
    },
    {
      name: 'several disks: the smallest free space counts',
      run: answered('containerd', text => text.replace(/=free\n.*\n.*\n/, '=free\n 100\n 50\n')),
      expected: { freeBytes: 51_200 },
    },
    {
      name: 'unknown free space',
      run: answered('containerd', text => text.replace(/=free\n.*\n.*\n/, '=free\n \n \n')),
      expected: { freeBytes: undefined },
    },
    {
      name: 'logind kills the processes that a login leaves behind',
      run: answered('containerd', session('as 0', 'as 1 "root"')),
      expected: { killsLeftovers: true, escape: undefined },
    },
    {
      name: 'a command that escapes the session',
      run: answered('containerd', session('as 0', 'as 1 "root"', '=escape\n systemd-run\n --user\n')),
      expected: { killsLeftovers: true, escape: ['systemd-run', '--user'] },
    },
    {
      name: 'logind excludes this user',
      run: answered('containerd', session('as 0', 'as 2 "root" "deploy"')),
      expected: { killsLeftovers: false },
    },
    {
      name: 'logind applies to other users only',
      run: answered('containerd', session('as 1 "guest"', 'as 1 "root"')),
      expected: { killsLeftovers: false },
    },
  ]
  for (const { name, run, expected } of table)
    test(name, async () => {
      const tools = await findTools(run)
      assert.ok(!Array.isArray(tools), JSON.stringify(tools))
      const { login: _, ...rest } = expected
      assert.partialDeepStrictEqual(tools, rest)
      if (expected.login) assert.equal((tools as Tools).login.user, expected.login.user)
    })
})

suite('problems of a server', () => {
  const without =
    (...names: string[]) =>
    (text: string) =>
      names.reduce((left, name) => left.replace(new RegExp(`^=${name}\\n(?: .*\\n)*`, 'gm'), ''), text)
  const table: readonly { name: string; run: () => Promise<Outcome>; expected: RegExp }[] = [
    {
      name: 'no docker',
      run: answered('forbidden', without('client', 'direct')),
      expected: /There is no docker on the server.*docs.docker.com\/engine\/install/,
    },
    {
      name: 'no permission for docker',
      run: answered('forbidden'),
      expected: /`nobodys` may not use docker .* `sudo usermod -aG docker nobodys`.*permission denied/s,
    },
    {
      name: 'no running engine',
      run: answered('forbidden', text => text.replace(/permission denied.*/, 'Cannot connect to the daemon')),
      expected: /No Docker engine answers `nobodys`.*systemctl enable --now docker.*Cannot connect/s,
    },
    {
      name: 'an engine that hangs',
      run: answered('forbidden', text =>
        text.replace('=direct.code\n 1', '=direct.code\n 124').replace(/permission denied.*/, ''),
      ),
      expected: /hangs: it does not answer.*systemctl restart docker/,
    },
    {
      name: 'Podman in the place of docker',
      run: answered('forbidden', text => text.replace('Docker version 26.1.5+dfsg1', 'podman version 5.4')),
      expected: /`docker` on the server is Podman/,
    },
    {
      name: 'no Compose',
      run: answered('containerd', without('compose', 'compose\\.version')),
      expected: /There is docker 28.*, but no Compose.*apt-get install docker-compose-plugin/,
    },
    {
      name: 'Compose that is too slow',
      run: answered('compose-forbidden', text =>
        text.replace('\n=end\n', '\n=compose.slow\n docker compose\n=end\n'),
      ),
      expected: /`docker compose version` did not finish within 20 s/,
    },
    {
      name: 'no permission for Compose',
      run: answered('compose-forbidden'),
      expected: /`sudo -n \/usr\/bin\/docker-compose` does not work.*usermod -aG docker sudoer/,
    },
    {
      name: 'Windows containers',
      run: answered('containerd', text => text.replace('"os":"linux"', '"os":"windows"')),
      expected: /runs windows containers/,
    },
    {
      name: 'an incomplete answer',
      run: answered('containerd', text => text.replace('\n=end\n', '\n')),
      expected: /its `sh` exited with 0 during a check/,
    },
    {
      name: 'a lost connection',
      run: async () => ({ code: null, stdout: '', stderr: '' }),
      expected: /The connection to the server was lost/,
    },
    {
      name: 'a login shell that runs no commands',
      run: async () => ({ code: 1, stdout: 'This account is for git only.\n', stderr: '' }),
      expected: /exited with 1 .*This account is for git only/s,
    },
  ]
  for (const { name, run, expected } of table)
    test(name, async () => {
      const problems = await findTools(run)
      assert.ok(Array.isArray(problems), JSON.stringify(problems))
      const [{ cause, remedy, output }, ...more] = problems as [Problem, ...Problem[]]
      assert.match([cause, remedy, output].join(' '), expected)
      assert.deepEqual(more, [])
    })
})

/** A docker client that reaches an engine only under the given condition. */
const docker = (condition: string, plugin = true) => `#!/bin/sh
cat >/dev/null # eats what is left of the script, when it may
${condition} || { echo 'Cannot connect' >&2; exit 1; }
case "$*" in
  *info*) echo '{"version":"28.0.0","os":"linux","architecture":"x86_64","root":"/","driver":null}' ;;
  *'context inspect'*) echo unix:///somewhere ;;
  *'compose version'*) ${plugin ? 'echo v2.30.1' : 'echo "unknown command" >&2; exit 1'} ;;
esac
`
const compose = (version: string) => `#!/bin/sh\necho ${version}\n`
const sudo = '#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nBY_SUDO=1 exec "$@"\n'

const shells = [['dash'], ['bash'], ['busybox', 'sh']].filter(
  ([shell = '']) => spawnSync(shell, ['--help']).error === undefined,
)

for (const [shell = '', ...args] of shells) {
  suite(`the search for tools in ${shell}`, async () => {
    const root = mkdtempSync(join(tmpdir(), 'slipway-tools-'))
    after(() => rmSync(root, { recursive: true }))

    const table: readonly { name: string; files: Record<string, string>; expected: Partial<Tools> }[] = [
      {
        name: 'in the PATH',
        files: { 'path/docker': docker('true') },
        expected: { docker: ['docker'], compose: ['docker', 'compose'], composeVersion: '2.30.1' },
      },
      {
        name: 'outside the PATH',
        files: { 'home/.local/bin/docker': docker('true'), 'path/docker': docker('false') },
        expected: { docker: [`HOME/.local/bin/docker`], compose: [`HOME/.local/bin/docker`, 'compose'] },
      },
      {
        name: 'by sudo',
        files: { 'path/docker': docker('[ -n "$BY_SUDO" ]'), 'path/sudo': sudo },
        expected: {
          docker: ['sudo', '-n', 'ROOT/path/docker'],
          compose: ['sudo', '-n', 'ROOT/path/docker', 'compose'],
        },
      },
      {
        name: 'a rootless engine that only rc files name',
        files: { 'path/docker': docker('[ "$1" = -H ]'), 'socket!': '' },
        expected: { docker: ['docker', '-H', 'unix://ROOT/run/docker.sock'] },
      },
      {
        name: 'v2 under the name of v1, and v1 before it',
        files: {
          'path/docker': docker('true', false),
          'path/docker-compose': compose('1.29.2'),
          'home/bin/docker-compose': compose('2.40.3'),
        },
        expected: { compose: ['HOME/bin/docker-compose'], composeVersion: '2.40.3' },
      },
      {
        name: 'v1 alone, by sudo',
        files: {
          'path/docker': docker('[ -n "$BY_SUDO" ]', false),
          'path/docker-compose': compose('1.29.2'),
          'path/sudo': sudo,
        },
        expected: { compose: ['sudo', '-n', 'ROOT/path/docker-compose'], composeVersion: '1.29.2' },
      },
      {
        name: 'a plugin that the client does not find',
        files: {
          'path/docker': docker('[ "$1" = -H ]', false),
          'home/.docker/cli-plugins/docker-compose': compose('v2.33.0'),
          'socket!': '',
        },
        expected: {
          compose: ['HOME/.docker/cli-plugins/docker-compose', '-H', 'unix://ROOT/run/docker.sock'],
          composeVersion: '2.33.0',
        },
      },
    ]
    for (const [index, { name, files, expected }] of table.entries())
      test(name, async context => {
        const at = join(root, String(index))
        const socket = createServer()
        context.after(() => socket.close())
        for (const folder of ['path', 'home', 'run']) mkdirSync(join(at, folder), { recursive: true })
        if ('socket!' in files)
          await new Promise<void>(done => socket.listen(join(at, 'run/docker.sock'), done))
        for (const [file, text] of Object.entries(files).filter(([each]) => each !== 'socket!'))
          program(join(at, file), text)
        const tools = await findTools(async command => search(at, shell, args, command))
        const text = JSON.stringify(tools).replaceAll(join(at, 'home'), 'HOME').replaceAll(at, 'ROOT')
        assert.partialDeepStrictEqual(JSON.parse(text), expected)
      })
  })
}

function program(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, 0o755)
}

/** Runs the script as on a server whose PATH begins with the directory of the test. */
function search(at: string, shell: string, args: readonly string[], { stdin }: Command): Outcome {
  assert.ok(existsSync(at))
  const env = {
    PATH: `${at}/path:/usr/bin:/bin`,
    HOME: `${at}/home`,
    XDG_RUNTIME_DIR: `${at}/run`,
    SHELL: '/bin/sh',
  }
  const { status, stdout, stderr } = spawnSync(shell, [...args, '-s'], {
    env,
    input: typeof stdin === 'string' ? stdin : '',
    encoding: 'utf8',
  })
  return { code: status, stdout, stderr }
}
