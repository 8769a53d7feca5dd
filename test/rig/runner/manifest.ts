import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FAILSAFE_SCHEMA, load } from 'js-yaml'

/** The parts of an action's `action.yml` that a runner needs. Every scalar is a string, exactly as written. */
export interface Manifest {
  readonly name: string
  readonly inputs: ReadonlyMap<string, ManifestInput>
  readonly outputs: readonly string[]
  /** Paths relative to the action's directory. */
  readonly main: string
  readonly post: string | undefined
  readonly postIf: string
}

export interface ManifestInput {
  /** Empty if the input has no default: GitHub then sets the input's variable to an empty string. */
  readonly default: string
  readonly deprecation: string | undefined
}

interface Document {
  readonly name?: string
  readonly inputs?: Readonly<Record<string, { default?: string; deprecationMessage?: string } | null>>
  readonly outputs?: Readonly<Record<string, unknown>>
  readonly runs?: { using?: string; main?: string; post?: string; 'post-if'?: string }
}

/** Reads `action.yml` from an action's directory. Throws unless it is a JavaScript action for Node 24. */
export function readManifest(directory: string): Manifest {
  return parseManifest(readFileSync(join(directory, 'action.yml'), 'utf8'))
}

export function parseManifest(text: string): Manifest {
  const document = load(text, { schema: FAILSAFE_SCHEMA }) as Document
  const runs = document.runs ?? {}
  if (runs.using !== 'node24') throw new Error(`runs.using is ${runs.using}, not node24`)
  if (runs.main === undefined) throw new Error('runs.main is missing')
  const inputs = Object.entries(document.inputs ?? {}).map(
    ([name, input]) =>
      [name, { default: input?.default ?? '', deprecation: input?.deprecationMessage }] as const,
  )
  return {
    name: document.name ?? '',
    inputs: new Map(inputs),
    outputs: Object.keys(document.outputs ?? {}),
    main: runs.main,
    post: runs.post,
    postIf: runs['post-if'] ?? 'always()',
  }
}
