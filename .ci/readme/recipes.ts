import type { Recipe } from '../../test/recipes/recipe.ts'

/** The recipes in the order in which a reader needs them. */
const order = [
  'deploy-on-push',
  'release-on-tag',
  'deploy-by-hand',
  'rollback-by-hand',
  'swarm-service',
  'swarm-stack',
  'native-runners',
  'matrix-of-services',
  'matrix-one-deploy',
  'web-and-worker',
  'pull-requests',
  'files-and-settings',
  'migrations',
  'check-url',
  'build-cache',
  'private-image',
  'docker-hub',
  'aliyun-acr',
  'gitlab-registry',
  'forgejo',
  'password',
  'jump-host',
  'tailscale',
  'reusable',
  'staging-then-production',
  'dry-run',
]

/** Sorts the recipes by `order`. Throws if a recipe is missing in it. */
function sorted(recipes: readonly Recipe[]): Recipe[] {
  const missing = recipes.filter(({ name }) => !order.includes(name))
  if (missing.length > 0)
    throw new Error(
      `add to \`order\` in .ci/readme/recipes.ts: ${missing.map(({ name }) => name).join(', ')}`,
    )
  return recipes.toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
}

/** Renders the recipes as a list of links with descriptions, for the page of recipes. */
export const renderRecipes = (recipes: readonly Recipe[], folder: string): string =>
  sorted(recipes)
    .map(({ name, title, description }) => `- **[${title}](${folder}/${name}.yml)** ${description}`)
    .join('\n')

/** Renders the recipes as one paragraph of links, for the README. */
export const renderRecipeLinks = (recipes: readonly Recipe[], folder: string): string =>
  sorted(recipes)
    .map(({ name, title }) => `[${title}](${folder}/${name}.yml)`)
    .join(' · ')
