import { posix } from 'node:path'
import { entries, type Fields, fields, parseJsonOrYaml } from './fields.ts'

/** The files that a compose file refers to. */
interface References {
  /** The files of `include`. `base` is their `project_directory`, if set: the paths in them are relative to it. */
  readonly included: readonly { readonly path: string; readonly base: string | undefined }[]
  /** The files of `extends`. */
  readonly extended: readonly string[]
  /** The files of `env_file`, in services and in `include`. */
  readonly envFiles: readonly string[]
}

/**
 * Returns the absolute paths of all files that the compose files refer to by `include`, `extends` and `env_file`,
 * directly or indirectly. `textOf` returns the text of a file, or an empty one if the file is unknown. Omits names that
 * contain a variable.
 */
export async function referencedFiles(
  composeFiles: readonly string[],
  textOf: (file: string) => string,
): Promise<string[]> {
  const found = new Set<string>()
  const read = new Set<string>()
  const add = (base: string, name: string): string[] => {
    if (name.includes('$') || found.size >= maxFiles) return []
    const file = posix.resolve(base, name)
    found.add(file)
    return [file]
  }
  const follow = async (file: string, base: string): Promise<void> => {
    if (read.has(file)) return
    read.add(file)
    const { included, extended, envFiles } = await referencesIn(textOf(file))
    for (const name of envFiles) add(base, name)
    for (const name of extended)
      for (const other of add(base, name)) await follow(other, posix.dirname(other))
    for (const { path, base: own } of included)
      for (const other of add(base, path)) {
        const includedBase = own === undefined ? posix.dirname(other) : posix.resolve(base, own)
        if (includedBase !== base) add(includedBase, '.env')
        await follow(other, includedBase)
      }
  }
  const base = posix.dirname(composeFiles[0] ?? '/')
  for (const file of composeFiles) await follow(file, base)
  return [...found].filter(file => !composeFiles.includes(file))
}

/** The maximum number of files, more than any real project has. */
const maxFiles = 100

async function referencesIn(text: string): Promise<References> {
  const { include, services } = fields(await parseJsonOrYaml(text))
  const allServices = Object.values(fields(services)).map(fields)
  const includes = list(include).map(each => (typeof each === 'string' ? { path: each } : fields(each)))
  return {
    included: includes.flatMap(({ path, project_directory: base }) =>
      texts(path).map(name => ({ path: name, base: typeof base === 'string' ? base : undefined })),
    ),
    extended: allServices.flatMap(service => texts(fields(service['extends'])['file'])),
    envFiles: [...allServices, ...includes].flatMap(envFilesOf),
  }
}

/** Returns the names under `env_file`: one name, or a list of names and of mappings with `path`. */
export const envFilesOf = ({ env_file }: Fields): string[] => [
  ...texts(env_file),
  ...entries(env_file).flatMap(({ path }) => texts(path)),
]

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (each): each is string => typeof each === 'string' && each !== '',
  )
