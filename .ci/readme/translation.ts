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

/**
 * Puts the contract and the recipes into the other language. What has no translation, or one of an older English text,
 * stays English and is listed in `stale`: a change of action.yml must not wait for a translator.
 */
export function translate(
  { groups, outputs }: Contract,
  recipes: readonly Recipe[],
  translation: Translation,
): { contract: Contract; recipes: Recipe[]; stale: string[] } {
  const stale: string[] = []
  const find = <T extends Translated>(
    kind: string,
    table: Readonly<Record<string, T>>,
    name: string,
    english: string,
  ) => {
    const found = table[name]
    if (found?.of === markOf(english)) return found
    stale.push(`${kind}, ${name} (of: '${markOf(english)}'): ${english}`)
    return undefined
  }
  const entry = (kind: 'inputs' | 'outputs') => (each: Entry) => ({
    ...each,
    description: find(kind, translation[kind], each.name, each.description)?.text ?? each.description,
  })
  return {
    contract: {
      groups: groups.map(({ title, inputs }) => ({
        title: translation.groups[title] ?? title,
        inputs: inputs.map(entry('inputs')),
      })),
      outputs: outputs.map(entry('outputs')),
    },
    recipes: recipes.map(recipe => {
      const found = find('recipes', translation.recipes, recipe.name, `${recipe.title} ${recipe.description}`)
      return {
        ...recipe,
        title: found?.title ?? recipe.title,
        description: found?.text ?? recipe.description,
      }
    }),
    stale,
  }
}
