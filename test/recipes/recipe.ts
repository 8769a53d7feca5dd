import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A workflow for readers to take: complete, in `.github/examples`. */
export interface Recipe {
  /** `deploy-on-push`, the file's name without its end. */
  readonly name: string
  /** The first line of its comment. */
  readonly title: string
  /** The rest of it, as one paragraph. */
  readonly description: string
  readonly text: string
}

export const directory = join(import.meta.dirname, '..', '..', '.github', 'examples')

/** All recipes, by their file's name. */
export function readRecipes(): Recipe[] {
  const files = readdirSync(directory).filter(file => file.endsWith('.yml'))
  return files
    .sort()
    .map(file => parseRecipe(basename(file, '.yml'), readFileSync(join(directory, file), 'utf8')))
}

/** Throws when the file does not begin with a title and a description. */
export function parseRecipe(name: string, text: string): Recipe {
  const [title = '', ...rest] =
    /^(?:# .*\n)+/
      .exec(text)?.[0]
      .trimEnd()
      .split('\n')
      .map(line => line.slice(2)) ?? []
  const description = rest.join(' ')
  if (title === '' || description === '') throw new Error(`${name}.yml begins with no title and description`)
  return { name, title, description, text }
}

/** The recipe as a workflow of this very repository: the step is the action that is checked out. */
export const ofThisRepository = ({ text }: Pick<Recipe, 'text'>): string =>
  text.replaceAll(/uses: [\w-]+\/slipway@v\d+/g, 'uses: ./')
