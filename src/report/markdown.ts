/** Renders GitHub-flavoured Markdown. Escapes text from outside, so that none of it is read as markup. */

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Escapes HTML and joins lines. A lone `\r` also ends a line of Markdown. */
const html = (text: string): string =>
  text.replace(/[&<>]/g, character => entities[character] ?? '').replace(/\s*[\r\n]\s*/g, ' ')

/** Escapes text for a paragraph or a table cell. */
export const prose = (text: string): string => html(text).replace(/[\\`*_[\]|~]/g, '\\$&')

/**
 * Renders text in monospace. Uses a code span, in which `user@host` does not become a mail link. Uses HTML if the text
 * has a `|`, which would end a table cell, or a backquote.
 */
export const code = (text: string): string =>
  /^[^`|\\\r\n]*[^`|\\\s]$/.test(text) && !text.startsWith(' ') ? `\`${text}\`` : codeHtml(text)

const codeHtml = (text: string): string =>
  `<code>${html(text).replace(/[|`*_~\\]/g, character => `&#${character.charCodeAt(0)};`)}</code>`

/** Links Markdown to a URL; returns it unchanged without one. */
export const link = (label: string, url: string | undefined): string =>
  url === undefined ? label : `<a href="${url.replaceAll('"', '%22').replaceAll('&', '&amp;')}">${label}</a>`

/** Renders our own sentences: text in backquotes in monospace, all else escaped. */
export const sentences = (text: string): string =>
  text
    .split(/`([^`\n]+)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : prose(part)))
    .join('')

/** Renders a table whose first row is the header. The cells are Markdown already. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows
  return [head, head.map(() => ':--'), ...body].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** Renders a code block, whose fence is longer than any run of backquotes in the text. */
export function block(text: string, language = 'text'): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`
}

/** Renders a collapsible section. */
export const fold = (title: string, body: string, open = false): string =>
  `<details${open ? ' open' : ''}><summary>${title}</summary>\n\n${body}\n\n</details>`
