import type { TestEvent } from 'node:test/reporters'

/**
 * A test reporter that lists skipped tests with their reasons. In CI a skipped test is a failure, because all can run
 * there.
 */
export default async function* skips(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const skipped: string[] = []
  for await (const { type, data } of events)
    if ((type === 'test:pass' || type === 'test:fail') && data.skip !== undefined && data.skip !== false)
      skipped.push(
        `  ${data.file ?? ''}: ${data.name} (${data.skip === true ? 'no reason given' : data.skip})`,
      )
  if (skipped.length === 0) return
  yield `\nSKIPPED:\n${skipped.join('\n')}\n`
  if (process.env['CI'] === undefined || process.env['CI'] === '') return
  process.exitCode = 1
  yield 'In CI no test may be skipped.\n'
}
