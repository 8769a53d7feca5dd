import { createHash } from 'node:crypto'
import type { Recipe } from '../../test/recipes/recipe.ts'
import type { Contract, Entry } from './contract.ts'

/** A text in another language, and the mark of the English that it was made of. */
interface Translated {
  readonly of: string
  readonly text: string
}

/** The whole of zh.yml, by the names of groups, inputs, outputs and recipes. */
export interface Translation {
  readonly groups: Readonly<Record<string, string>>
  readonly inputs: Readonly<Record<string, Translated>>
  readonly outputs: Readonly<Record<string, Translated>>
  readonly recipes: Readonly<Record<string, Translated & { readonly title: string }>>
}

/** Tells one text from another. */
export const markOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** The contract and the recipes in the other language. Throws with all that has no translation, or an old one. */
export function translate(
  { groups, outputs }: Contract,
  recipes: readonly Recipe[],
  translation: Translation,
): { contract: Contract; recipes: Recipe[] } {
  const stale: string[] = []
  const find = <T extends Translated>(
    kind: string,
    table: Readonly<Record<string, T>>,
    name: string,
    english: string,
  ) => {
    const found = table[name]
    if (found?.of !== markOf(english)) stale.push(`${kind}, ${name} (of: '${markOf(english)}'): ${english}`)
    return found
  }
  const entry = (kind: 'inputs' | 'outputs') => (each: Entry) => ({
    ...each,
    description: find(kind, translation[kind], each.name, each.description)?.text ?? '',
  })
  const result = {
    contract: {
      groups: groups.map(({ title, inputs }) => ({
        title: translation.groups[title] ?? title,
        inputs: inputs.map(entry('inputs')),
      })),
      outputs: outputs.map(entry('outputs')),
    },
    recipes: recipes.map(recipe => {
      const found = find('recipes', translation.recipes, recipe.name, `${recipe.title} ${recipe.description}`)
      return { ...recipe, title: found?.title ?? '', description: found?.text ?? '' }
    }),
  }
  if (stale.length > 0)
    throw new Error(`.ci/readme/zh.yml has no translation, or an old one, of:\n- ${stale.join('\n- ')}`)
  return result
}
