/**
 * Renders the Markdown of a job summary as HTML for its picture. Supports only what src/report/markdown.ts writes:
 * headings, tables, code, bold, links, quotes, lists and collapsible sections.
 */
export function htmlOf(markdown: string): string {
  const blocks: string[] = []
  let lines = markdown.trimEnd().split('\n')
  while (lines.length > 0) {
    const [first = ''] = lines
    const size = sizeOf(lines)
    const own = lines.slice(0, size)
    lines = lines.slice(size)
    blocks.push(blockOf(first, own))
  }
  return blocks.join('\n')
}

/** Returns the number of lines in the first block. */
function sizeOf(lines: readonly string[]): number {
  const [first = ''] = lines
  const fence = /^(`{3,})/.exec(first)?.[1]
  if (fence !== undefined) return lines.indexOf(fence, 1) + 1
  if (/^<\/?details/.test(first) || first === '') return 1
  const kind = kindOf(first)
  const end = lines.findIndex(line => line === '' || kindOf(line) !== kind)
  return end === -1 ? lines.length : end
}

const kindOf = (line: string): string => /^(###|\||>|- |<)/.exec(line)?.[1] ?? 'text'

function blockOf(first: string, lines: readonly string[]): string {
  switch (kindOf(first)) {
    case '###':
      return `<h3>${inline(first.slice(4))}</h3>`
    case '|':
      return tableOf(lines)
    case '>':
      return `<blockquote>${htmlOf(lines.map(line => line.replace(/^> ?/, '')).join('\n'))}</blockquote>`
    case '- ':
      return `<ul>${lines.map(line => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`
    case '<':
      return first
    default:
      if (first === '') return ''
      if (first.startsWith('```')) return `<pre><code>${asText(lines.slice(1, -1).join('\n'))}</code></pre>`
      return `<p>${inline(lines.join(' '))}</p>`
  }
}

function tableOf([head = '', , ...body]: readonly string[]): string {
  const row = (line: string, tag: string) =>
    `<tr>${line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map(cell => `<${tag}>${inline(cell.trim())}</${tag}>`)
      .join('')}</tr>`
  return `<table><thead>${row(head, 'th')}</thead><tbody>${body.map(line => row(line, 'td')).join('')}</tbody></table>`
}

/** Renders inline Markdown. The text is HTML already, except inside backquotes. */
const inline = (text: string): string =>
  text
    .split(/`([^`]+)`/)
    .map((part, index) =>
      index % 2 === 1 ? `<code>${asText(part)}</code>` : part.replaceAll(/\\(.)/g, '$1'),
    )
    .join('')
    .replaceAll(/\*\*(.+?)\*\*/g, '<b>$1</b>')

const asText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
