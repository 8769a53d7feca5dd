import { dirname, posix } from 'node:path'

/** What two languages of a README have in common, piece by piece. */
interface Piece {
  /** Counted from 1. */
  readonly line: number
  /** Same in both. */
  readonly shape: string
}

/**
 * The first place where two texts differ in more than their words: in headings, code, tables, lists, or in the code
 * spans and links of a paragraph. Undefined when they are in step.
 */
export function firstDifference(one: File, other: File): string | undefined {
  const [ones, others] = [pieces(one), pieces(other)]
  const length = Math.max(ones.length, others.length)
  for (let index = 0; index < length; index++) {
    const [here, there] = [ones[index], others[index]]
    if (here?.shape !== there?.shape)
      return `${one.path}:${here?.line ?? 'end'} and ${other.path}:${there?.line ?? 'end'} differ:\n${here?.shape ?? ''}\n${there?.shape ?? ''}`
  }
  return undefined
}

interface File {
  readonly path: string
  readonly text: string
}

function pieces({ path, text }: File): Piece[] {
  const found: Piece[] = []
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1
    const fence = /^(?:> )?(`{3,})/.exec(lines[index] ?? '')?.[1]
    if (fence === undefined) {
      found.push({ line, shape: shapeOf(lines[index] ?? '', path) })
      continue
    }
    const end = lines.findIndex((each, at) => at > index && each.replace('> ', '') === fence)
    found.push({ line, shape: fenced(lines.slice(index, end)) })
    index = end
  }
  return joined(found).filter(({ shape }) => shape !== '')
}

/** What is for people to read in a block may be in their language: comments, and the labels of a diagram. */
function fenced(lines: readonly string[]): string {
  const diagram = /mermaid$/.test(lines[0] ?? '')
  return lines
    .map(line => (diagram ? withoutLabels(line) : line.replace(/(^|\s)#(?=\s).*$/, '').trimEnd()))
    .filter(line => line !== '')
    .join('\n')
}

const withoutLabels = (line: string): string =>
  line
    .replaceAll(/\(\[.*?\]\)|\[.*?\]|\{.*?\}/g, '[]')
    .replaceAll(/-- .*? -->/g, '-->')
    .replace(/^( *(?:section|title)) .*/, '$1')

const prose = 'prose'

/** A line in outline; empty for a blank one, which ends a paragraph. */
function shapeOf(line: string, path: string): string {
  if (line.startsWith('<')) return line.startsWith('<!--') ? line : ''
  const kind = /^(#+|[-|>])/.exec(line)?.[1] ?? (line.trim() === '' ? '' : prose)
  const cells = kind === '|' ? ` ${line.split(/(?<!\\)\|/).length}` : ''
  return kind === '' ? '' : `${kind}${cells} ${marks(line, path)}`
}

/** Code spans and links: the same in both languages, though not always as often or in the same order. */
function marks(line: string, path: string): string {
  const code = [...line.matchAll(/`[^`]+`/g)].map(([span]) => span)
  const links = [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => resolve(target, path))
  return [...new Set([...code, ...links])].sort().join(' ')
}

/** A link as seen from the repository's root; each README names the other. */
function resolve(target: string, path: string): string {
  if (/^\w+:/.test(target)) return target
  const whole = posix.normalize(posix.join(dirname(path), target))
  return /^(?:\.github\/)?README\b/.test(whole) ? 'README' : whole
}

/** A paragraph's lines break where they will: what it holds counts for the whole of it. */
function joined(found: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  for (const piece of found) {
    const last = all.at(-1)
    if (last !== undefined && piece.shape.startsWith(prose) && /^(?:prose|-) /.test(last.shape))
      all[all.length - 1] = { ...last, shape: both(last.shape, piece.shape.slice(prose.length)) }
    else all.push(piece)
  }
  return all
}

function both(shape: string, more: string): string {
  const [kind = '', ...spans] = `${shape} ${more}`.match(/`[^`]+`|\S+/g) ?? []
  return `${kind} ${[...new Set(spans)].sort().join(' ')}`
}
