import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { type BuildResult, build, type Plugin } from 'esbuild'
import { commonJs } from './common-js.ts'
import { type File, leftOut, options } from './options.ts'

/**
 * Bundles our own sources: a file for each entry, one for each source that is imported dynamically, and `shared.cjs`
 * for all that more than one of these need.
 */
export async function buildRooms(entries: readonly string[], lazy: readonly Plugin[]): Promise<File[]> {
  const split = await splitUp(entries, lazy)
  const { outputFiles, metafile } = await splitUp(entries, [shareAll(split.metafile), ...lazy])
  const names = new Map(
    Object.entries(metafile.outputs).map(([path, { entryPoint = 'shared' }]) => [
      path,
      `${basename(entryPoint, '.ts')}.cjs`,
    ]),
  )
  if (new Set(names.values()).size < names.size)
    throw new Error(`There is more than one shared file: ${[...names.keys()]}`)
  return Promise.all(
    outputFiles.map(async ({ path: from, text }) => {
      const path = names.get(basename(from)) ?? ''
      return { path, text: await commonJs(path, rename(text, names)) }
    }),
  )
}

const splitOptions = {
  ...options,
  // The only format that esbuild splits.
  format: 'esm',
  splitting: true,
  metafile: true,
  outdir: '.',
  entryNames: '[name]',
} as const

type Split = BuildResult<typeof splitOptions>

const splitUp = (entries: readonly string[], plugins: readonly Plugin[]): Promise<Split> =>
  build({ ...splitOptions, entryPoints: [...entries], plugins: [...plugins, ...leftOut] })

/**
 * Has every room import all that any two of them share. esbuild makes a file for each set of rooms that share the same
 * sources, and each file takes half a millisecond of a start, as much as 15 KB of source.
 */
function shareAll({ outputs }: Split['metafile']): Plugin {
  const all = Object.values(outputs)
  const rooms = new Set(all.flatMap(({ entryPoint }) => entryPoint ?? []).map(path => resolve(path)))
  const shared = all
    .filter(({ entryPoint }) => entryPoint === undefined)
    .flatMap(each => Object.keys(each.inputs))
  const imports = shared
    .filter(path => path.startsWith('src/'))
    .map(path => `import ${JSON.stringify(resolve(path))}`)
  return {
    name: 'share-all',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        rooms.has(path)
          ? { contents: [readFileSync(path, 'utf8'), ...imports].join('\n'), loader: 'ts' }
          : undefined,
      )
    },
  }
}

const rename = (text: string, names: ReadonlyMap<string, string>): string =>
  [...names].reduce((renamed, [from, to]) => renamed.replaceAll(`"./${from}"`, `"./${to}"`), text)
