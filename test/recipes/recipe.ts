import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A complete example workflow in `.github/examples`, for readers to copy. */
export interface Recipe {
  /** The file's name without extension, such as `deploy-on-push`. */
  readonly name: string
  /** The first line of the file's comment. */
  readonly title: string
  /** The other lines of the comment, joined to one paragraph. */
  readonly description: string
  readonly text: string
}

export const directory = join(import.meta.dirname, '..', '..', '.github', 'examples')

/** Reads all recipes, sorted by file name. */
export function readRecipes(): Recipe[] {
  const files = readdirSync(directory).filter(file => file.endsWith('.yml'))
  return files
    .sort()
    .map(file => parseRecipe(basename(file, '.yml'), readFileSync(join(directory, file), 'utf8')))
}

/** Parses a recipe. Throws unless its text begins with a title and a description. */
export function parseRecipe(name: string, text: string): Recipe {
  const [title = '', ...rest] =
    /^(?:# .*\n)+/
      .exec(text)?.[0]
      .trimEnd()
      .split('\n')
      .map(line => line.slice(2)) ?? []
  const description = rest.join(' ')
  if (title === '' || description === '')
    throw new Error(`${name}.yml does not begin with a title and a description`)
  return { name, title, description, text }
}

/** Returns the recipe as a workflow of this repository, which uses the checked-out action. */
export const ofThisRepository = ({ text }: Pick<Recipe, 'text'>): string =>
  text.replaceAll(/uses: [\w-]+\/slipway@v\d+/g, 'uses: ./')
