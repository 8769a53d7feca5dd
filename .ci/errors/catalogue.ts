import type { Expected } from './collect.ts'

/** Where the errors of a part of the source are listed. The first that fits a file is taken. */
const chapters: readonly (readonly [title: string, files: RegExp])[] = [
  [
    'Inputs',
    /^src\/(?:inputs\/|plan\/|image\/|check\/|payload\/|target\/plan|buildx\/(?:result|platforms|nodes|builder-plan|source|secrets|secret-files|plan)|registry\/(?:authentications|plan)|ssh\/(?:target|address|key|key-text|trust|known-hosts)\.)/,
  ],
  ['Docker on the runner', /^src\/(?:docker\/|buildx\/(?:open|emulation|create|emulators|stall))/],
  ['The registry', /^src\/registry\//],
  ['Build and push', /^src\/(?:buildx|publish|preflight)\//],
  ['The connection to the server', /^src\/ssh\//],
  ['The deploy', /^src\/(?:deploy\/|release)/],
  ['The server, before anything is built', /^src\/target\//],
  ['Otherwise', /./],
]

/** The catalogue in Markdown. Throws when an error has no remedy, or a remedy no error. */
export function renderCatalogue(
  expected: readonly Expected[],
  more: Readonly<Record<string, string>>,
): string {
  checkRemedies(expected, more)
  const byChapter = Map.groupBy(expected, ({ file }) => chapterOf(file))
  const parts = chapters.flatMap(([title]) => {
    const rows = byChapter.get(title) ?? []
    return rows.length === 0 ? [] : [`## ${title}\n\n${table(rows, more)}`]
  })
  return `${[opening, ...parts].join('\n\n')}\n`
}

const opening = `# Errors

Every error that Slipway expects, with what to do about it. Made from the source by \`npm run errors\`. \`…\` stands for what is
known only when it happens. Whatever else fails is a fault of Slipway's own: it comes with a stack trace, and is worth a report.`

function chapterOf(file: string): string {
  const found = chapters.find(([, files]) => files.test(file))
  if (found === undefined)
    throw new Error(`the errors of ${file} have no chapter: see .ci/errors/catalogue.ts`)
  return found[0]
}

function checkRemedies(expected: readonly Expected[], more: Readonly<Record<string, string>>): void {
  const lacking = expected.filter(({ cause, remedies }) => remedies.length === 0 && more[cause] === undefined)
  const causes = new Set(expected.map(({ cause }) => cause))
  const idle = Object.keys(more).filter(cause => !causes.has(cause))
  if (lacking.length + idle.length === 0) return
  throw new Error(
    [
      ...lacking.map(({ file, cause }) => `${file}: no remedy for: ${cause}`),
      ...idle.map(cause => `.ci/errors/remedies.yml: no such error: ${cause}`),
    ].join('\n'),
  )
}

function table(rows: readonly Expected[], more: Readonly<Record<string, string>>): string {
  const lines = rows.map(({ cause, remedies, inputs }) => {
    const said = more[cause] === undefined ? remedies : [...remedies, more[cause]]
    const blamed = inputs.map(input => `\`${input}\``).join(' ')
    return [cause, said.join(' *Or:* '), blamed].map(cell => cell.replaceAll('|', '\\|')).join(' | ')
  })
  return ['It says | What to do | Input', '--- | --- | ---', ...lines].map(line => `| ${line} |`).join('\n')
}
