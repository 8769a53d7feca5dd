import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Plugin } from 'esbuild'

/** Sources of ours that few runs need: a file each in the bundle. */
export const seldom: readonly string[] = ['src/image/date.ts']

/**
 * Modules whose functions are called, if at all, long after they are imported: `node:crypto` takes 4 ms of a start,
 * `node:fs/promises` 2, `node:net` 1, and a list has a quote in it once in a while. They are loaded by the first call.
 */
const names: readonly string[] = [
  'node:crypto',
  'node:fs/promises',
  'node:http',
  'node:https',
  'node:net',
  'node:timers/promises',
  'csv-parse/sync',
  ...seldom,
]

/** Puts a function that loads the module in the place of each of its functions. `vendor` gives a package's own file. */
export const deferred = (vendor: (name: string, exports: readonly string[]) => string): Plugin => ({
  name: 'deferred',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind, importer }) => {
      const meant = path.startsWith('.') ? relative('.', join(dirname(importer), path)) : path
      const name = names.find(each => each === meant || each === `node:${meant}`)
      if (name === undefined || kind !== 'import-statement') return undefined
      // Each importer has its own, of what it calls: one for all would be one more file that rooms share.
      const own = `${name} of ${relative('.', importer)}`
      return { path: own, namespace: 'deferred', pluginData: name, sideEffects: false }
    })
    onResolve({ filter: /./, namespace: 'deferred' }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /./, namespace: 'deferred' }, async ({ pluginData }) => {
      const name = pluginData as string
      const functions = await functionsOf(name)
      const file = seldom.includes(name) ? `./${basename(name, '.ts')}.cjs` : undefined
      const loaded = isBuiltin(name)
        ? `process.getBuiltinModule('${name}')`
        : `require('${file ?? vendor(name, functions)}')`
      const wrapped = functions.map(each => `export const ${each} = (...args) => ${loaded}.${each}(...args)`)
      return { contents: wrapped.join('\n') }
    })
  },
})

/** What begins with a capital is a class. */
async function functionsOf(name: string): Promise<string[]> {
  const all = Object.entries(
    (await import(seldom.includes(name) ? resolve(name) : name)) as Record<string, unknown>,
  )
  return all
    .filter(([key, value]) => typeof value === 'function' && /^[a-z]/.test(key))
    .map(([key]) => key)
    .filter(key => key !== 'default')
}
