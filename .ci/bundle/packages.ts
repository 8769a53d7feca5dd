import { readFileSync } from 'node:fs'
import { build, type Plugin } from 'esbuild'
import { type File, leftOut, options } from './options.ts'

/** Packages that have a file of their own in dist/vendor/, with what our sources take from each. */
export interface Vendor {
  /** Takes exports of a package; gives the path of its file, as seen from the files of our own sources. */
  take(name: string, exports: readonly string[]): string
  files(): Promise<File[]>
}

const fileName = (name: string): string =>
  `${name.replace(/^@/, '').replace(/\.js$/, '').replaceAll('/', '-')}.cjs`

export function openVendor(): Vendor {
  const taken = new Map<string, Set<string>>()
  return {
    take(name, exports) {
      taken.set(name, new Set([...(taken.get(name) ?? []), ...exports]))
      return `./vendor/${fileName(name)}`
    },
    files() {
      const names = [...taken.keys()].sort()
      return Promise.all(names.map(name => bundle(name, [...(taken.get(name) ?? [])].sort(), names)))
    },
  }
}

/** Keeps the packages that are imported dynamically, `await import('node-ssh')`, out of a bundle. */
export const lazyPackages = (vendor: Vendor): Plugin => ({
  name: 'lazy-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:')) return undefined
      return { path: vendor.take(path, takenFrom(path, readFileSync(importer, 'utf8'))), external: true }
    })
  },
})

/** The names in `const { load, default: parse } = await import('…')`: what nobody takes is left out. */
function takenFrom(name: string, source: string): string[] {
  const taking = [...source.matchAll(/\{([^{}]*)\} = await import\('([^']+)'\)/g)]
  const names = taking.filter(([, , from]) => from === name).flatMap(([, list = '']) => list.split(','))
  if (names.length === 0) throw new Error(`Import ${name} so: const { … } = await import('${name}')`)
  return names.map(each => each.replace(/:.*/, '').trim()).filter(each => each !== '')
}

async function bundle(name: string, exports: readonly string[], all: readonly string[]): Promise<File> {
  const { outputFiles } = await build({
    ...options,
    format: 'cjs',
    stdin: { contents: `export { ${exports.join(', ')} } from '${name}'`, resolveDir: '.' },
    plugins: [...leftOut, once(all.filter(each => each !== name))],
  })
  return { path: `vendor/${fileName(name)}`, text: outputFiles[0]?.text ?? '' }
}

/** Another one that a package depends on is there once. */
const once = (others: readonly string[]): Plugin => ({
  name: 'once',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      others.includes(path) ? { path: `./${fileName(path)}`, external: true } : undefined,
    )
  },
})
