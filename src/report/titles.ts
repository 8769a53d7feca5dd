/** The titles of a run's stages, verb first: the log's table of contents, and the bars of the timeline. */

export const checkTitle = 'Check everything first'

/** `find`: nothing is built. */
export function imageTitle(how: 'find' | 'build' | 'push', platforms: readonly string[]): string {
  if (how === 'find') return 'Find the image in the registry'
  const verbs = how === 'push' ? 'Build and push' : 'Build'
  return platforms.length === 0 ? `${verbs} the image` : `${verbs} for ${platforms.join(' and ')}`
}

/** `whole`: all of the project, whatever it has. */
export const deployTitle = (
  { services, whole }: { readonly services: readonly string[]; readonly whole: boolean },
  target: string,
): string => `Deploy ${whole ? 'the project' : services.join(' and ')} to ${target}`

export const promoteTitle = (tags: readonly string[]): string => `Promote to ${tags.join(' and ')}`
