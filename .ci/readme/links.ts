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

/**
 * Returns the links to missing files and headings of the repository, and the missing files of `src`, `test` and `.ci`
 * that inline code names. Does not check external links.
 */
export const brokenLinks = (all: readonly Page[]): BrokenLink[] =>
  all.flatMap(page =>
    withoutCode(page.text)
      .split('\n')
      .flatMap((text, index) =>
        [...linksIn(text).filter(target => !exists(target, page, all)), ...missingFiles(text)].map(
          target => ({
            page: page.path,
            line: index + 1,
            target,
          }),
        ),
      ),
  )

const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)].map(
    ([, link, attribute]) => link ?? attribute ?? '',
  )

const missingFiles = (text: string): string[] =>
  [...text.matchAll(/`[^`]+`/g)]
    .flatMap(([code]) => code.match(/(?<![\w./-])(?:src|test|\.ci)\/[\w./-]+/g) ?? [])
    .filter(path => !existsSync(path))

function exists(target: string, { path, text }: Page, all: readonly Page[]): boolean {
  if (/^\w+:/.test(target)) return true
  const [file = '', heading] = target.split('#')
  const targetPath = file === '' ? path : join(dirname(path), decodeURIComponent(file))
  if (!existsSync(targetPath)) return false
  if (heading === undefined || !targetPath.endsWith('.md')) return true
  const targetText = file === '' ? text : (all.find(page => page.path === targetPath)?.text ?? '')
  return anchorsOf(targetText).includes(decodeURIComponent(heading))
}

/** Returns the anchors of a page's headings, as GitHub makes them: lower case, punctuation dropped, blanks as hyphens. */
const anchorsOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Empties the lines of fenced code, where brackets are not links. The line numbers stay the same. */
const withoutCode = (text: string): string =>
  text.replaceAll(/^( *)(`{3,}).*\n[\s\S]*?^\1\2$/gm, block => block.replaceAll(/[^\n]/g, ''))
