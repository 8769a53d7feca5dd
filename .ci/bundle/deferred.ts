import { isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

/**
 * Modules whose functions are called, if at all, long after they are imported: `node:crypto` takes 4 ms of a start,
 * `node:fs/promises` 2, and a list has a quote in it once in a while. They are loaded by the first call.
 */
const names: readonly string[] = ['node:crypto', 'node:fs/promises', 'csv-parse/sync']

/** Puts a function that loads the module in the place of each of its functions. `vendor` gives a package's own file. */
export const deferred = (vendor: (name: string, exports: readonly string[]) => string): Plugin => ({
  name: 'deferred',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind }) => {
      const name = names.find(each => each === path || each === `node:${path}`)
      if (name === undefined || kind !== 'import-statement') return undefined
      return { path: name, namespace: 'deferred', sideEffects: false }
    })
    onResolve({ filter: /^\.\/vendor\// }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /./, namespace: 'deferred' }, async ({ path: name }) => {
      const functions = await functionsOf(name)
      const loaded = isBuiltin(name)
        ? `process.getBuiltinModule('${name}')`
        : `require('${vendor(name, functions)}')`
      const wrapped = functions.map(each => `export const ${each} = (...args) => ${loaded}.${each}(...args)`)
      return { contents: wrapped.join('\n') }
    })
  },
})

/** What begins with a capital is a class. */
async function functionsOf(name: string): Promise<string[]> {
  const all = Object.entries((await import(name)) as Record<string, unknown>)
  return all
    .filter(([key, value]) => typeof value === 'function' && /^[a-z]/.test(key))
    .map(([key]) => key)
    .filter(key => key !== 'default')
}
