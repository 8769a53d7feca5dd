import type { Recipe } from '../../test/recipes/recipe.ts'

/** The list of recipes by task, as links from the README. One that waits for an input to have an effect is left out. Sorted by name, so that both languages have the same order. */
export const renderRecipes = (recipes: readonly Recipe[], folder: string): string =>
  recipes
    .filter(({ waits }) => waits.length === 0)
    .map(({ name, title, description }) => `- **[${title}](${folder}/${name}.yml)** ${description}`)
    .join('\n')
