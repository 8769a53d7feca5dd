import { parseReference, type Reference } from './reference.ts'

/** The tag by which a commit's image is found again: what `type=sha` makes, of whatever length and prefix. */
export function commitTag(tags: readonly string[], sha: string): Reference | undefined {
  const found = tags.map(parseReference).filter((each): each is Reference => 'registry' in each)
  return found.find(({ tag = '' }) => {
    const [digits] = /[0-9a-f]{7,}$/.exec(tag) ?? []
    return digits !== undefined && sha.startsWith(digits)
  })
}
