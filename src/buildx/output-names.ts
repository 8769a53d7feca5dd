import { parseReference, repositoryName } from '../image/reference.ts'
import { attributes } from './attributes.ts'
import { asksForDigest, type Result } from './result.ts'

/** What the outputs of a build call its image, as docker reads `name=`: one or more references. */
export function outputNames(result: Result): string[] {
  if (result.kind === 'call') return []
  const names = result.outputs.map(attributes).flatMap(({ type = '', name = '' }) => {
    return type === 'image' || type === 'registry' ? name.split(',') : []
  })
  return names.map(name => name.trim()).filter(name => name !== '')
}

/** What is pushed by digest has no tag to be known by: an output without a name gets those of the repositories. */
export function nameOutputs<R extends Result>(result: R, repositories: readonly string[]): R {
  if (result.kind === 'call' || repositories.length === 0) return result
  const name = `"name=${repositories.join(',')}"`
  const outputs = result.outputs.map(output =>
    asksForDigest(output) && attributes(output)['name'] === undefined ? `${output},${name}` : output,
  )
  return { ...result, outputs }
}

/** The name of a repository alone; a text that is no reference is left as it is, for others to refuse. */
export function withoutTag(text: string): string {
  const reference = parseReference(text)
  return 'reason' in reference ? text : repositoryName(reference)
}

/** With the tag that docker takes where none is named. */
export function withTag(text: string): string {
  const reference = parseReference(text)
  return 'reason' in reference || reference.tag !== undefined ? text : `${text}:latest`
}
