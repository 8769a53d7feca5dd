import type { Plugin } from 'esbuild'

/** A module of a package that our runs never come to, and what stands in its place. */
interface Absence {
  /** The importing file, as far as it has to be told. */
  readonly importer: RegExp
  /** As the importer names it. */
  readonly path: string
  readonly instead: string
}

const left = (what: string): string => `throw new Error('${what} is left out of this bundle')`

const absences: readonly Absence[] = [
  // 785 KB, and only makes the dispatchers of a fetch that we do not use.
  {
    importer: /./,
    path: 'undici',
    instead: 'export const fetch = globalThis.fetch; export class ProxyAgent {}',
  },
  // The name of each of GitHub's routes: 100 KB of which we call two (`request('POST /repos/…')` knows their types too).
  {
    importer: /@actions\/github\//,
    path: '@octokit/plugin-rest-endpoint-methods',
    instead: `export const restEndpointMethods = () => ({ rest: new Proxy({}, { get() { ${left('octokit.rest')} } }) })`,
  },
  // We are a client, make no keys, tunnel no HTTP, and files travel over stdin: a server may have no SFTP.
  { importer: /ssh2\/lib\//, path: './server.js', instead: 'module.exports = undefined' },
  { importer: /ssh2\/lib\//, path: './keygen.js', instead: 'module.exports = {}' },
  { importer: /ssh2\/lib\//, path: './http-agents.js', instead: 'module.exports = {}' },
  {
    importer: /ssh2\/lib\//,
    path: './protocol/SFTP.js',
    instead: `exports.SFTP = class SFTP { constructor() { ${left('SFTP')} } }`,
  },
  // ssh2 gets its keys decrypted (src/ssh/key.ts).
  {
    importer: /ssh2\/lib\//,
    path: 'bcrypt-pbkdf',
    instead: `exports.pbkdf = () => { ${left('bcrypt')} }`,
  },
  // Of node-ssh's transfers of whole directories, over SFTP too.
  { importer: /node-ssh\//, path: 'make-dir', instead: `export default () => { ${left('make-dir')} }` },
  { importer: /node-ssh\//, path: 'sb-scandir', instead: `export default () => { ${left('sb-scandir')} }` },
  {
    importer: /node-ssh\//,
    path: 'sb-promise-queue',
    instead: `export class PromiseQueue { constructor() { ${left('sb-promise-queue')} } }`,
  },
  // All of NaCl for the one hash in it that node:crypto has too.
  {
    importer: /bcrypt-pbkdf\//,
    path: 'tweetnacl',
    instead: `const { hash } = require('node:crypto')
exports.lowlevel = {
  crypto_hash(out, message, length) { out.set(hash('sha512', message.subarray(0, length), 'buffer')) },
}`,
  },
]

/** Leaves modules out. A test holds that SSH with every kind of key, and all else of the bundle, does without them. */
export const absent: Plugin = {
  name: 'absent',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      const place = absences.findIndex(each => each.path === path && each.importer.test(importer))
      if (place === -1) return undefined
      return { path, namespace: 'absent', pluginData: absences[place]?.instead, sideEffects: false }
    })
    onLoad({ filter: /./, namespace: 'absent' }, ({ pluginData }) => ({ contents: pluginData as string }))
  },
}
