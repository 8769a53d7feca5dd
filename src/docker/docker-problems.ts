import type { Outcome } from '../core/command.ts'
import { at } from '../core/context.ts'
import { lastLines, type Problem } from '../core/errors.ts'

/** Why this machine's docker cannot build, by what `docker info` said; undefined when it can. */
export function dockerProblem(outcome: Outcome, facts: unknown): Problem | undefined {
  const { code, stderr } = outcome
  if (code === null) return silent
  if (code === 127 && facts === undefined) return { ...missing, output: lastLines(stderr, 5) }
  // Podman's `docker info` has sections of its own where Docker's has an `ID`.
  if (at(facts, 'host') !== undefined || /using podman/i.test(stderr)) return podman
  if (at(facts, 'OSType') === 'windows') return windows
  if (code !== 0 || !at(facts, 'ServerVersion')) return daemonProblem(outcome, facts)
  return undefined
}

function daemonProblem({ stdout, stderr }: Outcome, facts: unknown): Problem {
  const said = [at(facts, 'ServerErrors'), facts === undefined ? stdout : '', stderr].flat().join('\n').trim()
  const output = lastLines(said, 5)
  return { ...(/permission denied/i.test(said) ? forbidden : down), output }
}

const silent: Problem = {
  cause: 'The Docker engine of this runner did not answer `docker info` within 30 seconds.',
  remedy: 'Restart the engine, or use another runner.',
}

const missing: Problem = {
  cause: 'There is no `docker` command on this runner.',
  remedy:
    'Use a runner with Docker, such as `runs-on: ubuntu-24.04`; on a runner of your own, install Docker Engine.',
}

const podman: Problem = {
  cause: 'The `docker` command of this runner is Podman, which has no buildx.',
  remedy:
    'Install Docker Engine and its client in place of the podman-docker package, or use another runner.',
}

const windows: Problem = {
  cause: 'The Docker engine of this runner runs Windows containers; Linux images cannot be built on it.',
  remedy: 'Use a Linux runner, such as `runs-on: ubuntu-24.04`, or switch the engine to Linux containers.',
}

const forbidden: Problem = {
  cause: "This runner's user may not use the Docker engine.",
  remedy: 'Add the user that runs the runner to the group `docker`, and start the runner again.',
}

const down: Problem = {
  cause: 'The Docker engine of this runner cannot be reached.',
  remedy:
    'Use a runner with a Docker engine (`ubuntu-slim` and macOS have none), start the engine, or set `DOCKER_HOST`.',
}
