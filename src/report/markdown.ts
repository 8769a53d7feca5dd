/** GitHub-flavoured Markdown, with foreign text kept from being read as markup. */

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** A `\r` alone ends a line of Markdown, too. */
const html = (text: string): string =>
  text.replace(/[&<>]/g, character => entities[character] ?? '').replace(/\s*[\r\n]\s*/g, ' ')

/** Text inside a paragraph or a cell. */
export const prose = (text: string): string => html(text).replace(/[\\`*_[\]|~]/g, '\\$&')

/**
 * Text in monospace. A code span keeps `user@host` from becoming the link of a mail; in a table it cannot hold `|`, and
 * backquotes nowhere: that is HTML then.
 */
export const code = (text: string): string =>
  /^[^`|\\\r\n]*[^`|\\\s]$/.test(text) && !text.startsWith(' ') ? `\`${text}\`` : codeHtml(text)

const codeHtml = (text: string): string =>
  `<code>${html(text).replace(/[|`*_~\\]/g, character => `&#${character.charCodeAt(0)};`)}</code>`

export const link = (shown: string, url: string | undefined): string =>
  url === undefined ? shown : `<a href="${url.replaceAll('"', '%22').replaceAll('&', '&amp;')}">${shown}</a>`

/** Sentences of ours: what stands in backquotes is monospace, all else is text. */
export const sentences = (text: string): string =>
  text
    .split(/`([^`\n]+)`/)
    .map((part, place) => (place % 2 === 1 ? code(part) : prose(part)))
    .join('')

/** A table; the first row is its head, and stands out. Cells are Markdown already. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows
  return [head, head.map(() => ':--'), ...body].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** A block of a tool's own lines: the fence is longer than any in them. */
export function block(text: string, language = 'text'): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`
}

export const fold = (title: string, body: string, open = false): string =>
  `<details${open ? ' open' : ''}><summary>${title}</summary>\n\n${body}\n\n</details>`
