import { createHash } from 'node:crypto'
import type { Recipe } from '../../test/recipes/recipe.ts'
import type { Contract, Entry } from './contract.ts'

/** A translated text. */
interface Translated {
  /** The hash of the English text that was translated. */
  readonly of: string
  readonly text: string
}

/** The content of zh.yml, by the names of groups, inputs, outputs and recipes. */
export interface Translation {
  readonly groups: Readonly<Record<string, string>>
  readonly inputs: Readonly<Record<string, Translated>>
  readonly outputs: Readonly<Record<string, Translated>>
  readonly recipes: Readonly<Record<string, { readonly of: string; readonly title: string }>>
}

/** Returns a short hash of a text, to notice when it changes. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

/**
 * Returns the contract and the recipes in the other language. A text without a translation stays English, and an
 * outdated translation is kept. Both are listed in `stale` and only cause a warning, so that contributors who write no
 * Chinese are not blocked.
 */
export function translate(
  { groups, outputs }: Contract,
  recipes: readonly Recipe[],
  translation: Translation,
): { contract: Contract; recipes: Recipe[]; stale: string[] } {
  const stale: string[] = []
  const check = (kind: string, name: string, of: string | undefined, english: string): void => {
    const hash = hashOf(english)
    if (of !== hash) stale.push(`${kind}, ${name} (of: '${hash}'): ${english}`)
  }
  const entry = (kind: 'inputs' | 'outputs') => (each: Entry) => {
    const translated = translation[kind][each.name]
    check(kind, each.name, translated?.of, each.description)
    return { ...each, description: translated?.text ?? each.description }
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
      const translated = translation.recipes[recipe.name]
      check('recipes', recipe.name, translated?.of, recipe.title)
      return { ...recipe, title: translated?.title ?? recipe.title }
    }),
    stale,
  }
}
