import { posix } from 'node:path'
import { entries, type Fields, fields, parsed } from './fields.ts'

/** The files that a compose file names. */
interface References {
  /** What `include` names, with the directory that their own paths begin in, where one is given. */
  readonly included: readonly { readonly path: string; readonly base: string | undefined }[]
  /** What `extends` names. */
  readonly extended: readonly string[]
  /** What `env_file` names, of services and of `include`. */
  readonly envFiles: readonly string[]
}

/**
 * Finds what a project is made of behind its compose files: the files of `include`, `extends` and `env_file`, absolute,
 * each once. `textOf` gives the text of a file, empty where nobody has it. Names with variables in them are left out.
 */
export async function filesBehind(
  composeFiles: readonly string[],
  textOf: (file: string) => string,
): Promise<string[]> {
  const found = new Set<string>()
  const read = new Set<string>()
  const add = (base: string, name: string): string[] => {
    if (name.includes('$') || found.size >= most) return []
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
        const its = own === undefined ? posix.dirname(other) : posix.resolve(base, own)
        if (its !== base) add(its, '.env')
        await follow(other, its)
      }
  }
  const base = posix.dirname(composeFiles[0] ?? '/')
  for (const file of composeFiles) await follow(file, base)
  return [...found].filter(file => !composeFiles.includes(file))
}

/** More than any project has. */
const most = 100

async function referencesIn(text: string): Promise<References> {
  const { include, services } = fields(await parsed(text))
  const every = Object.values(fields(services)).map(fields)
  const includes = list(include).map(each => (typeof each === 'string' ? { path: each } : fields(each)))
  return {
    included: includes.flatMap(({ path, project_directory: base }) =>
      texts(path).map(name => ({ path: name, base: typeof base === 'string' ? base : undefined })),
    ),
    extended: every.flatMap(service => texts(fields(service['extends'])['file'])),
    envFiles: [...every, ...includes].flatMap(envFilesOf),
  }
}

/** Returns the names below `env_file`: one, or a list of names and of `path: NAME`. */
export const envFilesOf = ({ env_file }: Fields): string[] => [
  ...texts(env_file),
  ...entries(env_file).flatMap(({ path }) => texts(path)),
]

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (each): each is string => typeof each === 'string' && each !== '',
  )
