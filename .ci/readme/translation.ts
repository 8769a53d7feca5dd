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
  readonly recipes: Readonly<Record<string, { readonly of: string; readonly title: string }>>
}

/** Tells one text from another. */
export const markOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

/**
 * Returns the contract and the recipes in the other language. A text without a translation stays English, and one whose
 * English has changed since stays as it was: both are reported in `stale`, and neither stops a contributor.
 */
export function translate(
  { groups, outputs }: Contract,
  recipes: readonly Recipe[],
  translation: Translation,
): { contract: Contract; recipes: Recipe[]; stale: string[] } {
  const stale: string[] = []
  const check = (kind: string, name: string, of: string | undefined, english: string): void => {
    const mark = markOf(english)
    if (of !== mark) stale.push(`${kind}, ${name} (of: '${mark}'): ${english}`)
  }
  const entry = (kind: 'inputs' | 'outputs') => (each: Entry) => {
    const found = translation[kind][each.name]
    check(kind, each.name, found?.of, each.description)
    return { ...each, description: found?.text ?? each.description }
  }
  return {
    contract: {
      groups: groups.map(({ title, inputs }) => ({
        title: translation.groups[title] ?? title,
        inputs: inputs.map(entry('inputs')),
      })),
      outputs: outputs.map(entry('outputs')),
    },
    recipes: recipes.map(recipe => {
      const found = translation.recipes[recipe.name]
      check('recipes', recipe.name, found?.of, recipe.title)
      return { ...recipe, title: found?.title ?? recipe.title }
    }),
    stale,
  }
}
