import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A page and its text. */
export interface Page {
  readonly path: string
  readonly text: string
}

export interface BrokenLink {
  readonly page: string
  /** Counted from 1. */
  readonly line: number
  readonly target: string
}

/** Returns every Markdown page of the repository, committed or not yet. */
export const pages = (): Page[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter(path => path !== '' && existsSync(path))
    .map(path => ({ path, text: readFileSync(path, 'utf8') }))

/** Finds links to files and headings of the repository that are not there; what is on the internet is not asked. */
export const brokenLinks = (all: readonly Page[]): BrokenLink[] =>
  all.flatMap(page =>
    withoutCode(page.text)
      .split('\n')
      .flatMap((text, index) =>
        [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
          .map(([, link, attribute]) => link ?? attribute ?? '')
          .filter(target => !leads(target, page, all))
          .map(target => ({ page: page.path, line: index + 1, target })),
      ),
  )

function leads(target: string, { path, text }: Page, all: readonly Page[]): boolean {
  if (/^\w+:/.test(target)) return true
  const [file = '', heading] = target.split('#')
  const whole = file === '' ? path : join(dirname(path), decodeURIComponent(file))
  if (!existsSync(whole)) return false
  if (heading === undefined || !whole.endsWith('.md')) return true
  const there = file === '' ? text : (all.find(page => page.path === whole)?.text ?? '')
  return anchorsOf(there).includes(decodeURIComponent(heading))
}

/** Returns the anchors of a page's headings, as GitHub makes them: lower case, punctuation dropped, blanks as hyphens. */
const anchorsOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Blanks out fenced code, in which brackets are no links; lines keep their numbers. */
const withoutCode = (text: string): string =>
  text.replaceAll(/^( *)(`{3,}).*\n[\s\S]*?^\1\2$/gm, block => block.replaceAll(/[^\n]/g, ''))
