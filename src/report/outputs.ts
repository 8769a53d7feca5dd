import * as core from '@actions/core'

/** The outputs of action.yml (a test holds the two together). */
interface Outputs {
  /** `repo@sha256:…` that was pushed. */
  readonly image: string
  readonly digest: string
  readonly imageid: string
  /** A line each. */
  readonly tags: string
  readonly 'tag-names': string
  readonly version: string
  readonly labels: string
  readonly annotations: string
  /** JSON */
  readonly json: string
  readonly metadata: string
  /** `repo@sha256:…` that serves after this run. */
  readonly deployed: string
  /** `repo@sha256:…` that served before. */
  readonly previous: string
  readonly 'rolled-back': 'true' | 'false'
  /** JSON */
  readonly plan: string
}

/** Sets what is known so far; each output is set once, as soon as it is known, so that a later failure keeps it. */
export function setOutputs(outputs: Partial<Outputs>): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
}
