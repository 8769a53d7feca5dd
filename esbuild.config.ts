// Builds dist/: one readable CommonJS file per entry of action.yml. ESM output breaks on ssh2 ("Dynamic require").
import { rmSync } from 'node:fs'
import { build, type Plugin } from 'esbuild'

const outdir = process.env['DIST'] ?? 'dist'

/**
 * The toolkit's packages do nothing when they are loaded, but do not say so; said here, esbuild leaves out what
 * nothing calls (the HTTP client behind @actions/core's OIDC function is most of its size).
 */
const withoutSideEffects: Plugin = {
  name: 'without-side-effects',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(@actions\/|undici|tunnel)/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === 'resolved') return undefined
      const found = await resolve(path, { ...options, pluginData: 'resolved' })
      return { ...found, sideEffects: false }
    })
  },
}

rmSync(outdir, { recursive: true, force: true })
await build({
  entryPoints: { main: 'src/main.ts', cleanup: 'src/cleanup.ts' },
  outdir,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  charset: 'utf8',
  legalComments: 'none',
  loader: { '.sh': 'text', '.node': 'empty' },
  // ssh2's optional native parts: absent on the runner, and the bundle must not depend on what was built here.
  external: ['cpu-features'],
  plugins: [withoutSideEffects],
  logLevel: 'info',
})
