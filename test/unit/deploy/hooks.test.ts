/** Commands before and after the change, in every shell that a server may have. */
import assert from 'node:assert/strict'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { describe, it } from 'node:test'
import { shells } from './shells.ts'
import { call, put, type Stand, stand } from './stand.ts'

/** Installs a docker and a compose that record their calls; `run` does not end, unless the command is `quick`. */
function withCompose(site: Stand, help: string): string {
  put(site.directory, {
    compose: `#!/bin/sh\ncase "$*" in *--help*) echo '${help}'; exit ;; esac\necho "compose $*" >>${site.directory}/calls\ncase "$*" in *quick*) exit 4 ;; esac\nexec sleep 600\n`,
    docker: `#!/bin/sh\necho "docker $*" >>${site.directory}/calls\n`,
  })
  for (const name of ['compose', 'docker']) chmodSync(`${site.directory}/${name}`, 0o755)
  return 'find_limiter; project=app; compose_words="$directory/compose$newline"; docker_words="$directory/docker$newline"'
}

for (const shell of shells) {
  describe(`a command, in ${shell.join(' ')}`, () => {
    it('is killed at its timeout, and its container is removed', () => {
      const site = stand({}, {})
      const ready = withCompose(site, '--rm')
      const first = "hook_timeout=1; run_hook before 1 web web 'sleep 600'"
      const { output } = call(shell, site, `${ready}; ${first} || echo "failed: $reason"`)
      assert.match(output, /failed: the command in web did not finish within 1 s/)
      assert.equal(
        readFileSync(`${site.directory}/calls`, 'utf8'),
        'compose -p app run --rm -T --no-deps --name slipway-one-before1 web sleep 600\ndocker rm -f slipway-one-before1\n',
      )
      const host = "hook_timeout=1; host_hook after 1 'sleep 600'"
      const ended = call(shell, site, `${ready}; ${host} || echo "failed: $reason"`)
      assert.match(ended.output, /failed: the command on the server did not finish within 1 s/)
      rmSync(site.directory, { recursive: true })
    })

    for (const { code, reason } of [
      { code: 124, reason: 'exited with code 124' },
      { code: 137, reason: 'was killed (exit code 137), perhaps because no memory was left' },
      { code: 143, reason: 'exited with code 143' },
    ])
      it(`that ends with ${code} before its timeout says so`, () => {
        const site = stand({}, {})
        put(site.directory, { compose: `#!/bin/sh\nexit ${code}\n` })
        chmodSync(`${site.directory}/compose`, 0o755)
        const ready = 'find_limiter; project=app hook_timeout=600 compose_words="$directory/compose$newline"'
        const inService = call(
          shell,
          site,
          `${ready}; exec_hook after 1 web web x || echo "$reason_code $reason"`,
        )
        assert.ok(
          inService.output.endsWith(`command-failed the command in web ${reason}\n`),
          inService.output,
        )
        const onServer = call(
          shell,
          site,
          `${ready}; host_hook after 1 'exit ${code}' || echo "$reason_code $reason"`,
        )
        assert.ok(
          onServer.output.endsWith(`command-failed the command on the server ${reason}\n`),
          onServer.output,
        )
        rmSync(site.directory, { recursive: true })
      })

    it('does not pull if Compose knows `--pull`, and fails with its own exit code', () => {
      const site = stand({}, {})
      const ready = withCompose(site, '--pull string')
      const { output } = call(
        shell,
        site,
        `${ready}; run_hook before 1 web web quick || echo "failed: $reason"`,
      )
      assert.match(output, /failed: the command in web exited with code 4/)
      assert.match(readFileSync(`${site.directory}/calls`, 'utf8'), /--no-deps --pull never --name/)
      rmSync(site.directory, { recursive: true })
    })
  })
}
