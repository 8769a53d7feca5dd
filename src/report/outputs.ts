import * as core from '@actions/core'

/** The outputs of action.yml (a test compares them). */
interface Outputs {
  /** The pushed image, `repo@sha256:…`. */
  readonly image: string
  readonly digest: string
  readonly imageid: string
  /** One per line. */
  readonly tags: string
  readonly 'tag-names': string
  readonly version: string
  readonly labels: string
  readonly annotations: string
  /** JSON */
  readonly json: string
  readonly metadata: string
  /** The images that run after this run, `repo@sha256:…`, one per line. */
  readonly deployed: string
  /** The images that ran before it. */
  readonly previous: string
  readonly 'rolled-back': 'true' | 'false'
  /** JSON */
  readonly plan: string
}

/** Sets outputs. Callers set each one as soon as it is known, so that it survives a later failure. */
export function setOutputs(outputs: Partial<Outputs>): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
}
