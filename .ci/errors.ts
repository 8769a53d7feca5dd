// Writes .github/ERRORS.md: the reasons and stages of a deploy from their tables, with the messages of its script, and
// the messages in the source. With `--check`, changes nothing and fails if the page is stale.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { reasons, swarmReasons } from '../src/deploy/reasons.ts'
import { stages, swarmRemedies } from '../src/deploy/stages.ts'

const page = '.github/ERRORS.md'
const placeholder = /\$\{(?:[^{}`]|`(?:[^`{}]|\$\{[^{}`]*\})*`)*\}|\$\([^)]*\)|\$\w+/g
const literal = `\`(?:\\\\.|${placeholder.source}|[^\`\\\\])*\`|'(?:\\\\.|[^'\\\\])*'`
/** Matches `cause: '…'` and `remedy: '…'`, or both as the two arguments of a function that builds a problem. */
const message = `\\b(cause|remedy)\\s*[:=]\\s*(${literal})|\\(\\s*(${literal}),\\s*(${literal}),?\\s*\\)`
/** Matches `fail CODE "…"` and similar calls in the script on the server. */
const failCall =
  /(?:\b(?:fail|fails|waits|warms) |\breason_code=)([a-z-]+) (?:reason=)?("(?:\$\([^)]*\)|[^"])*"|'[^']*')/g

/** Returns the text of a string literal, with `…` for every value that is filled in at run time. */
const textOf = (quoted = ''): string =>
  quoted.slice(1, -1).replaceAll(placeholder, '…').replaceAll(/\\(.)/g, '$1').replaceAll(/\s+/g, ' ')

/** Returns the causes in a file, each with the remedy that follows it. */
function problemsOf(file: string): string[][] {
  const rows: string[][] = []
  for (const [, label, text, ...pair] of readFileSync(file, 'utf8').matchAll(new RegExp(message, 'g'))) {
    const last = rows.at(-1)
    const [cause = '', remedy = ''] = pair.map(textOf)
    if (label === 'cause') rows.push([textOf(text), ''])
    else if (label === 'remedy' && last?.[1] === '') last[1] = textOf(text)
    else if (/ .*\.$/.test(cause) && / .*\.$/.test(remedy)) rows.push([cause, remedy])
  }
  return rows.filter(([cause = '']) => /\p{L}{3}/u.test(cause)).filter(row => !row.join().includes('${'))
}

const table = (head: readonly string[], rows: readonly string[][]): string =>
  [head, head.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

const scripts = globSync(['src/deploy/agent/*.sh', 'src/target/swarm/agent/*.sh'])
  .sort()
  .map(file => readFileSync(file, 'utf8'))
const texts = scripts.flatMap(script => [...script.matchAll(failCall)])
const byCode = Map.groupBy(texts, ([, code = '']) => code)
const messagesOf = (code: string): string =>
  [...new Set(byCode.get(code)?.map(([, , text]) => textOf(text)))].join('; ')
const swarmReasonRemedies: Readonly<Record<string, string>> = swarmReasons
const withSwarm = (remedy: string, swarm: string | undefined): string =>
  swarm === undefined ? remedy : `${remedy} On a Swarm: ${swarm}`
const byFolder = Map.groupBy(globSync('src/**/*.ts').sort(), file => file.split('/').slice(1, -1).join('/'))
const chapters = [...byFolder].map(([folder, files]) => ({ folder, rows: files.flatMap(problemsOf) }))
const fresh = [
  '# Errors\n',
  'Every error message of Slipway, and what to do about it. Search this page for words of the message; `…` stands for a variable part.',
  'If a message comes with a stack trace, please report it as a bug. `npm run errors` generates this page from the source.\n',
  '## The deploy on the server\n',
  table(
    ['Reason', 'Message', 'What to do'],
    Object.entries(reasons).map(([code, remedy]) => [
      `\`${code}\``,
      messagesOf(code),
      withSwarm(remedy, swarmReasonRemedies[code]),
    ]),
  ),
  '\nIf a failure has no reason code, its stage determines what to do:\n',
  table(
    ['Stage', 'The service may have changed', 'What to do'],
    Object.entries(stages).map(([name, stage]) => [
      `\`${name}\``,
      stage.cut === 'undo' ? 'no' : 'yes',
      withSwarm(stage.remedy, swarmRemedies[name]),
    ]),
  ),
  ...chapters
    .filter(({ rows }) => rows.length > 0)
    .map(({ folder, rows }) => `\n## ${folder || 'run'}\n\n${table(['Message', 'What to do'], rows)}`),
  '',
].join('\n')

if (!process.argv.includes('--check')) writeFileSync(page, fresh)
else if (fresh !== readFileSync(page, { encoding: 'utf8', flag: 'a+' })) {
  process.stderr.write(`${page} is stale: run \`npm run errors\` and commit it.\n`)
  process.exitCode = 1
}
