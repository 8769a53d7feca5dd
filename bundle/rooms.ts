import { basename } from 'node:path'
import { build, type Metafile, type Plugin, transform } from 'esbuild'
import { type File, leftOut, options } from './options.ts'

/**
 * Bundles our own sources: a file for each entry and for each source that is imported dynamically, and one for what
 * the same ones of these share. esbuild splits only ES modules, so each file is made CommonJS afterwards.
 */
export async function buildRooms(
  entryPoints: Readonly<Record<string, string>>,
  lazy: Plugin,
): Promise<File[]> {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: { ...entryPoints },
    format: 'esm',
    splitting: true,
    metafile: true,
    outdir: '.',
    chunkNames: '[name]-[hash]',
    plugins: [lazy, ...leftOut],
  })
  const names = roomNames(metafile)
  return Promise.all(
    outputFiles.map(async ({ path, text }) => ({
      path: names.get(basename(path)) ?? basename(path),
      text: await commonJs(rename(text, names)),
    })),
  )
}

/** Entries have their source's name; what is shared is named by who shares it. */
function roomNames({ outputs }: Metafile): Map<string, string> {
  const entries = Object.entries(outputs).flatMap(([path, { entryPoint }]) =>
    entryPoint === undefined ? [] : [{ name: basename(entryPoint, '.ts'), reaches: reached(path, outputs) }],
  )
  const nameOf = (path: string, entryPoint: string | undefined): string => {
    if (entryPoint !== undefined) return basename(entryPoint, '.ts')
    const sharing = entries.filter(({ reaches }) => reaches.has(path)).map(({ name }) => name)
    return `shared-${sharing.sort().join('-')}`
  }
  return new Map(
    Object.entries(outputs).map(([path, { entryPoint }]) => [path, `${nameOf(path, entryPoint)}.cjs`]),
  )
}

/** The files that are loaded together with one, and itself. */
function reached(path: string, outputs: Metafile['outputs'], known = new Set<string>()): Set<string> {
  known.add(path)
  for (const { path: next, kind } of outputs[path]?.imports ?? []) {
    if (kind === 'import-statement' && outputs[next] !== undefined && !known.has(next))
      reached(next, outputs, known)
  }
  return known
}

const rename = (text: string, names: ReadonlyMap<string, string>): string =>
  [...names].reduce((renamed, [from, to]) => renamed.replaceAll(`"./${from}"`, `"./${to}"`), text)

/** Comments that name the source are kept: a legal comment is, and these are made one meanwhile. */
async function commonJs(text: string): Promise<string> {
  const { code } = await transform(text.replace(/^\/\/ (?=\S+$)/gm, '//! '), {
    format: 'cjs',
    platform: 'node',
    target: options.target,
    charset: options.charset,
    legalComments: 'inline',
    // A native import() would see no named exports in a bundled CommonJS file.
    supported: { 'dynamic-import': false },
  })
  return code.replace(/^\/\/! /gm, '\n// ')
}
