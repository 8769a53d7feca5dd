import { readEnvFile } from '../../compose/interpolation.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import type { DeployPlan } from '../plan.ts'
import type { Answer } from './answer.ts'
import { filesFound } from './files.ts'

/** The project directory is not there, or not for this login. */
export function missingDirectory(answer: Answer, { projectDirectory }: DeployPlan): Problem {
  const nearest = answer.text('nearest')
  const nearby = answer.lines('nearby')
  if (answer.has('forbidden')) {
    return {
      input: 'project-directory',
      cause: `\`project-directory\` is \`${projectDirectory}\`, which the login may not enter on the server.`,
      remedy: `Let its group in, or change its owner: \`sudo chown -R USER ${projectDirectory}\`.`,
    }
  }
  return {
    input: 'project-directory',
    cause: `\`project-directory\` is \`${projectDirectory}\`, which is not there on the server.`,
    remedy: `The closest that is there is \`${nearest}\`; it ${holds(nearby)}.`,
  }
}

const holds = (names: readonly string[]): string =>
  names.length === 0 ? 'is empty' : `holds ${names.map(name => `\`${name}\``).join(', ')}`

/** Compose takes no project from what is there. */
export function configProblem(answer: Answer, plan: DeployPlan): Problem {
  const output = withoutValues(lastLines(answer.text('config.error')), answer)
  const given = plan.composeFiles.length > 0
  if (answer.text('config.code') === '124') return slowCompose
  if (!given && filesFound(answer).length === 0 && /no configuration file|find a suitable/i.test(output)) {
    return {
      input: 'project-directory',
      cause: `There is no compose file in \`${answer.text('directory')}\` on the server, nor above it.`,
      remedy: `Put a compose.yaml there, or name the files in \`compose-files\`; the directory ${holds(answer.lines('listing'))}.`,
    }
  }
  const missing = /(?:open|stat) (\S+): no such file|No such file or directory: '([^']+)'/.exec(output)
  const file = missing?.[1] ?? missing?.[2]
  if (given && file !== undefined) return missingFile(file, answer)
  return {
    ...(given ? { input: 'compose-files' } : {}),
    cause: `Compose does not take the project in \`${answer.text('directory')}\` on the server.`,
    remedy: 'Mend what it names; `docker compose config --quiet` in that directory tells when it is right.',
    output,
  }
}

/** timeout(1) ends with 124. */
const slowCompose: Problem = {
  cause: 'Compose did not read the project on the server within 30 s.',
  remedy:
    'See whether `docker compose config --quiet` ends there; a server without memory or disk to spare is slow.',
}

const missingFile = (file: string, answer: Answer): Problem => ({
  input: 'compose-files',
  cause: `\`compose-files\` names \`${file}\`, which is not there on the server.`,
  remedy: `Paths are relative to \`project-directory\`, which ${holds(answer.lines('listing'))}.`,
})

/** Compose quotes what it cannot read, with its variables resolved: whatever stands in the `.env` is hidden. */
function withoutValues(text: string, answer: Answer): string {
  const values = [...readEnvFile(answer.text('env')).values()].filter(value => value.length > 3)
  return values
    .sort((one, other) => other.length - one.length)
    .reduce((shown, value) => shown.replaceAll(value, '***'), text)
}
