import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import type { Run } from '../../../../src/core/command.ts'
import { engines, projects } from './preflight/projects.ts'
import { check, read } from './preflight/read.ts'

// Parses the answers of real servers, which test/scenario/long/preflight.test.ts captures.

for (const engine of engines) {
  suite(`preflight, with the answers of the ${engine} server`, () => {
    for (const project of projects.filter(each => each.engines?.includes(engine) ?? true)) {
      test(project.name, async () => check(project, await read(project, answering(engine, project.name))))
    }
  })
}

function answering(engine: string, name: string): Run {
  const files = ['probe', `${name}.project`, `${name}.containers`].values()
  return async () => {
    const file = new URL(`./preflight/captured/${engine}/${files.next().value}.txt`, import.meta.url)
    return { code: 0, stdout: readFileSync(file, 'utf8'), stderr: '' }
  }
}
