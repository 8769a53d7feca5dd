import type { TestEvent } from 'node:test/reporters'

/** A reporter that names what was skipped, and why. In CI that is a failure: all of it can be had there. */
export default async function* skips(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const skipped: string[] = []
  for await (const { type, data } of events)
    if ((type === 'test:pass' || type === 'test:fail') && data.skip !== undefined && data.skip !== false)
      skipped.push(
        `  ${data.file ?? ''}: ${data.name} (${data.skip === true ? 'no reason given' : data.skip})`,
      )
  if (skipped.length === 0) return
  yield `\nSKIPPED, and so not tested:\n${skipped.join('\n')}\n`
  if (process.env['CI'] === undefined || process.env['CI'] === '') return
  process.exitCode = 1
  yield 'In CI nothing may be skipped.\n'
}
