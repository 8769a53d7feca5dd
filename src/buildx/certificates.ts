import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateDirectory } from '../core/private-files.ts'
import type { World } from '../core/runtime.ts'
import type { BuildPlan } from './plan.ts'

const kinds = ['cacert', 'cert', 'key'] as const

/**
 * What a buildkitd behind `tcp://` is shown by TLS, from the variables of docker/setup-buildx-action
 * (`BUILDER_NODE_0_AUTH_TLS_CACERT`, `…_CERT`, `…_KEY`; each appended node has the next number), as options of the
 * driver `remote` for each node. buildx reads the files at every use: they stay until `post:`.
 */
export async function nodeCertificates(
  { env, log, context, remember }: Pick<World, 'env' | 'log' | 'context' | 'remember'>,
  { builder }: Pick<BuildPlan, 'builder'>,
): Promise<string[][]> {
  const given = [builder, ...builder.nodes].flatMap(({ endpoint = '' }, place) =>
    kinds.flatMap(kind => {
      const text = env[`BUILDER_NODE_${place}_AUTH_TLS_${kind.toUpperCase()}`] ?? ''
      return text !== '' && endpoint.startsWith('tcp:') ? [{ place, kind, text }] : []
    }),
  )
  const options: string[][] = [builder, ...builder.nodes].map(() => [])
  if (given.length === 0) return options
  const directory = await privateDirectory(context.temp, 'certificates')
  remember({ kind: 'directory', path: directory })
  for (const { place, kind, text } of given) {
    if (kind === 'key') log.mask(text)
    const file = join(directory, `${kind}-${place}.pem`)
    await writeFile(file, text, { mode: 0o600 })
    options[place]?.push(`${kind}=${file}`)
  }
  return options
}
