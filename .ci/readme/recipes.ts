import type { Recipe } from '../../test/recipes/recipe.ts'

/** As a reader comes to need them. */
const order = [
  'deploy-on-push',
  'release-on-tag',
  'deploy-by-hand',
  'rollback-by-hand',
  'matrix-of-services',
  'web-and-worker',
  'pull-requests',
  'files-and-settings',
  'migrations',
  'check-url',
  'build-cache',
  'private-image',
  'docker-hub',
  'forgejo',
  'password',
  'jump-host',
  'tailscale',
  'reusable',
  'staging-then-production',
  'dry-run',
]

/** The list of recipes by task, as links from the README. Throws when one has no place in the order. */
export function renderRecipes(recipes: readonly Recipe[], folder: string): string {
  const lost = recipes.filter(({ name }) => !order.includes(name))
  if (lost.length > 0)
    throw new Error(`.ci/readme/recipes.ts has no place for ${lost.map(({ name }) => name).join(', ')}`)
  return recipes
    .toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
    .map(({ name, title, description }) => `- **[${title}](${folder}/${name}.yml)** ${description}`)
    .join('\n')
}
