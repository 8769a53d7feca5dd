// Builds dist/: one readable CommonJS file per entry of action.yml (ESM output breaks on ssh2: "Dynamic require"),
// and one in dist/vendor/ for each package that only some runs need.
import { rmSync } from 'node:fs'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const outdir = process.env['DIST'] ?? 'dist'

/**
 * The toolkit's packages do nothing when they are loaded, but do not say so; said here, esbuild leaves out what
 * nothing calls (the HTTP client behind @actions/core's OIDC function is most of its size).
 */
const withoutSideEffects: Plugin = {
  name: 'without-side-effects',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(@actions\/|tunnel)/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === 'resolved') return undefined
      const found = await resolve(path, { ...options, pluginData: 'resolved' })
      return { ...found, sideEffects: false }
    })
  },
}

/** undici is 785 KB, and only makes the dispatchers of a fetch that we do not use. */
const withoutUndici: Plugin = {
  name: 'without-undici',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'absent', sideEffects: false }))
    onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: 'export const fetch = globalThis.fetch; export class ProxyAgent {}',
    }))
  },
}

const shared: BuildOptions = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  charset: 'utf8',
  // A native import() would see no named exports in a bundled CommonJS file.
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  outExtension: { '.js': '.cjs' },
  loader: { '.sh': 'text', '.node': 'empty' },
  // ssh2's optional native parts: absent on the runner, and the bundle must not depend on what was built here.
  external: ['cpu-features'],
  logLevel: 'warning',
}

/** The packages that our sources import when they need them, by name: `await import('node-ssh')`. */
const lazy = new Set<string>()

const fileName = (name: string) => name.replace(/^@/, '').replaceAll('/', '-')

/** What is not needed is not even parsed: that is most of a start-up. */
const lazyPackages: Plugin = {
  name: 'lazy-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:')) return undefined
      lazy.add(path)
      return { path: `./vendor/${fileName(path)}.cjs`, external: true }
    })
  },
}

/** A lazy package that another one depends on (ssh2 under node-ssh) is there once. */
const once = (own: string): Plugin => ({
  name: 'once',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      path !== own && lazy.has(path) ? { path: `./${fileName(path)}.cjs`, external: true } : undefined,
    )
  },
})

rmSync(outdir, { recursive: true, force: true })
await build({
  ...shared,
  entryPoints: { main: 'src/main.ts', cleanup: 'src/cleanup.ts' },
  outdir,
  plugins: [lazyPackages, withoutUndici, withoutSideEffects],
})
for (const name of [...lazy].sort()) {
  await build({
    ...shared,
    stdin: { contents: `export * from '${name}'`, resolveDir: '.' },
    outfile: `${outdir}/vendor/${fileName(name)}.cjs`,
    plugins: [once(name), withoutUndici, withoutSideEffects],
  })
}
