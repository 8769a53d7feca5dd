/** The titles of a run's stages, verb first. They are the groups of the log and the bars of the timeline. */

export const checkTitle = 'Check everything first'

/** Returns the title of the image stage; `find` means that nothing is built. */
export function imageTitle(how: 'find' | 'build' | 'push', platforms: readonly string[]): string {
  if (how === 'find') return 'Find the image in the registry'
  const verbs = how === 'push' ? 'Build and push' : 'Build'
  return platforms.length === 0 ? `${verbs} the image` : `${verbs} for ${platforms.join(' and ')}`
}

/** Returns the title of the deploy; `whole` means the whole project. */
export const deployTitle = (
  { services, whole }: { readonly services: readonly string[]; readonly whole: boolean },
  target: string,
): string => `Deploy ${whole ? 'the project' : services.join(' and ')} to ${target}`

export const promoteTitle = (tags: readonly string[]): string => `Promote to ${tags.join(' and ')}`
