import { readComposeConfig } from '../../compose/config.ts'
import { readEnvFile, variablesOf } from '../../compose/interpolation.ts'
import type { Answer } from './answer.ts'
import type { Tools } from './facts.ts'
import { composeVariable } from './files.ts'
import type { Variable } from './project-facts.ts'

/** The images as they are written: by Compose's own word, else in the files, where a later one wins. */
export async function templatesOf(answer: Answer, files: readonly string[]): Promise<Record<string, string>> {
  const texts = answer.has('template')
    ? [answer.text('template')]
    : files.map(file => answer.text(`raw.${file}`))
  const written = await Promise.all(texts.map(readComposeConfig))
  return Object.fromEntries(
    written
      .flatMap(config => Object.entries(config?.services ?? {}))
      .flatMap(([name, { image }]) => (image === undefined ? [] : [[name, image]])),
  )
}

/** Undefined also where another file is named in its place: what is written to it would not count. */
export function envFileOf(answer: Answer): string | undefined {
  const elsewhere = ['COMPOSE_ENV_FILES', 'COMPOSE_DISABLE_ENV_FILE'].some(
    name => composeVariable(answer, name) !== undefined,
  )
  return answer.has('env.file') && !elsewhere ? answer.text('env.file') : undefined
}

export function variablesIn(
  answer: Answer,
  templates: Readonly<Record<string, string>>,
  tools: Tools,
): Variable[] {
  // sudo hands no environment on (`env_reset`).
  const environment = new Set(tools.compose[0] === 'sudo' ? [] : answer.lines('environment.names'))
  const file = readEnvFile(answer.text('env'))
  const mentions = Object.entries(templates).map(([service, image]) => ({
    service,
    names: variablesOf(image),
  }))
  return [...new Set(mentions.flatMap(({ names }) => names))].map(name => ({
    name,
    from: environment.has(name) ? 'environment' : file.has(name) ? 'env-file' : undefined,
    value: file.get(name),
    services: mentions.filter(({ names }) => names.includes(name)).map(({ service }) => service),
  }))
}
