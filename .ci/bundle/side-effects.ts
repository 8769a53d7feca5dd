import type { Plugin } from 'esbuild'

/**
 * The toolkit's packages do nothing when they are loaded, but do not say so; said here, esbuild leaves out what
 * nothing calls (the HTTP client behind @actions/core's OIDC function is most of its size).
 */
export const withoutSideEffects: Plugin = {
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
