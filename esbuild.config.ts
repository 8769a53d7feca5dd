// Builds dist/: one readable CommonJS file for each entry of action.yml. (ESM output breaks on ssh2: "Dynamic
// require". A source map would double what a reviewer has to trust.)
import { rmSync } from 'node:fs'
import { build, type Plugin } from 'esbuild'

/**
 * Marks the toolkit's packages as free of side effects, which they are without saying so: esbuild then drops what
 * nothing calls, such as the HTTP client behind the OIDC functions of @actions/core.
 */
const withoutSideEffects: Plugin = {
  name: 'without-side-effects',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(@actions\/|tunnel|\.)/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === 'resolved' || options.kind === 'entry-point') return undefined
      if (path.startsWith('.') && !options.importer.includes('/node_modules/@actions/')) return undefined
      const found = await resolve(path, { ...options, pluginData: 'resolved' })
      return { ...found, sideEffects: false }
    })
  },
}

/** Replaces undici (785 KB) with Node's own fetch: @actions/github only uses it to build a proxy dispatcher. */
const withoutUndici: Plugin = {
  name: 'without-undici',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'stub', sideEffects: false }))
    onLoad({ filter: /./, namespace: 'stub' }, () => ({
      contents: 'export const fetch = globalThis.fetch; export class ProxyAgent {}',
    }))
  },
}

const outdir = process.env['DIST'] ?? 'dist'

rmSync(outdir, { recursive: true, force: true })
await build({
  entryPoints: ['src/main.ts', 'src/post.ts'],
  outdir,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  charset: 'ascii',
  legalComments: 'none',
  loader: { '.sh': 'text', '.node': 'empty' },
  // The optional native part of ssh2 is not on the runner; the bundle must not depend on what was compiled here.
  external: ['cpu-features'],
  plugins: [withoutUndici, withoutSideEffects],
  logLevel: 'warning',
})
