// Renders the job summaries of the pages as pictures, light and dark, with headless Chromium:
//   sudo apt-get install chromium pngquant webp fonts-liberation fonts-noto-color-emoji
//   npm run pictures [NAME…]
// pictures.css imitates GitHub's stylesheet. CI does not check the pictures: two machines never render the same bytes.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { renderSummary } from '../src/report/summary.ts'
import { context, endings, shownAt } from './readme/endings.ts'
import { htmlOf } from './readme/html.ts'

const target = '.github/docs/pictures'
const width = 800
const style = readFileSync(new URL('readme/pictures.css', import.meta.url), 'utf8')

const directory = mkdtempSync(join(tmpdir(), 'slipway-pictures-'))

const chromium = (...args: readonly string[]): string =>
  execFileSync(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--hide-scrollbars',
      '--disable-lcd-text',
      '--force-device-scale-factor=1.5',
      ...args,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )

function render(name: string, theme: 'light' | 'dark', body: string): void {
  const page = join(directory, `${name}-${theme}.html`)
  const shot = join(directory, `${name}-${theme}.png`)
  writeFileSync(
    page,
    `<!doctype html><html class="${theme}"><meta charset="utf-8"><style>${style}</style><body><main>${body}</main>` +
      '<script>document.body.dataset.height = document.querySelector("main").getBoundingClientRect().height</script>',
  )
  const [, height = ''] =
    /data-height="([\d.]+)"/.exec(chromium(`--window-size=${width},2000`, '--dump-dom', page)) ?? []
  chromium(`--window-size=${width},${Math.ceil(Number(height))}`, `--screenshot=${shot}`, page)
  const reduced = join(directory, `${name}-${theme}-reduced.png`)
  execFileSync('pngquant', ['--nofs', '--strip', '14', shot, '-o', reduced])
  execFileSync('cwebp', ['-quiet', '-lossless', '-z', '9', reduced, '-o', `${target}/${name}-${theme}.webp`])
}

const requested = process.argv.slice(2)
mkdirSync(target, { recursive: true })
try {
  for (const [name, report] of Object.entries(endings)) {
    if (requested.length > 0 && !requested.includes(name)) continue
    const body = htmlOf(renderSummary(report, context, shownAt))
    for (const theme of ['light', 'dark'] as const) render(name, theme, body)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
