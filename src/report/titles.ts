/** The titles of a run's stages, verb first: the log's table of contents, and the bars of the timeline. */

export const checkTitle = 'Check everything first'

/** `find`: nothing is built. */
export function imageTitle(how: 'find' | 'build' | 'push', platforms: readonly string[]): string {
  if (how === 'find') return 'Find the image in the registry'
  const verbs = how === 'push' ? 'Build and push' : 'Build'
  return platforms.length === 0 ? `${verbs} the image` : `${verbs} for ${platforms.join(' and ')}`
}

export const deployTitle = (services: readonly string[], target: string): string =>
  `Deploy ${services.join(' and ')} to ${target}`

export const promoteTitle = (tags: readonly string[]): string => `Promote to ${tags.join(' and ')}`
