import { readFileSync } from 'node:fs'
import { build, type Plugin } from 'esbuild'
import { type File, leftOut, options } from './options.ts'

/** A package that our sources import when they need it, and what they take from it. */
interface Lazy {
  readonly name: string
  readonly exports: readonly string[]
}

const fileName = (name: string): string =>
  `${name.replace(/^@/, '').replace(/\.js$/, '').replaceAll('/', '-')}.cjs`

/** Keeps the packages that are imported dynamically out of a bundle, each for a file of its own. */
export function lazyPackages(): { readonly plugin: Plugin; found(): readonly Lazy[] } {
  const found = new Map<string, Set<string>>()
  const plugin: Plugin = {
    name: 'lazy-packages',
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
        if (kind !== 'dynamic-import' || path.startsWith('node:')) return undefined
        const taken = found.get(path) ?? new Set()
        for (const name of takenFrom(path, readFileSync(importer, 'utf8'))) taken.add(name)
        found.set(path, taken)
        return { path: `./vendor/${fileName(path)}`, external: true }
      })
    },
  }
  const list = () => [...found].map(([name, exports]) => ({ name, exports: [...exports].sort() }))
  return { plugin, found: () => list().sort((one, other) => (one.name < other.name ? -1 : 1)) }
}

/** The names in `const { load, default: parse } = await import('…')`: what nobody takes is left out. */
function takenFrom(name: string, source: string): string[] {
  const taking = [...source.matchAll(/\{([^{}]*)\} = await import\('([^']+)'\)/g)]
  const names = taking.filter(([, , from]) => from === name).flatMap(([, list = '']) => list.split(','))
  if (names.length === 0) throw new Error(`Import ${name} so: const { … } = await import('${name}')`)
  return names.map(each => each.replace(/:.*/, '').trim()).filter(each => each !== '')
}

/** Bundles one of them. Another one that it depends on is there once. */
export async function buildPackage({ name, exports }: Lazy, all: readonly Lazy[]): Promise<File> {
  const { outputFiles } = await build({
    ...options,
    format: 'cjs',
    stdin: { contents: `export { ${exports.join(', ')} } from '${name}'`, resolveDir: '.' },
    plugins: [...leftOut, once(all.map(each => each.name).filter(each => each !== name))],
  })
  return { path: `vendor/${fileName(name)}`, text: outputFiles[0]?.text ?? '' }
}

const once = (others: readonly string[]): Plugin => ({
  name: 'once',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      others.includes(path) ? { path: `./${fileName(path)}`, external: true } : undefined,
    )
  },
})
