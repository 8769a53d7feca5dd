import { parseReference, registryOf } from '../image/reference.ts'
import type { BuilderPlan } from './builder-plan.ts'

/** What a builder in a container runs, unless `driver-opts` say otherwise (docker/buildx, bkimage). */
const buildkit = 'docker.io/moby/buildkit:buildx-stable-1'

const asked = ({ driverOpts, nodes }: BuilderPlan): string[] =>
  [...driverOpts, ...nodes.flatMap(node => node.driverOpts)].flatMap(option =>
    option.startsWith('image=') ? [option.slice('image='.length)] : [],
  )

/** The image that a builder in a container boots. */
export const builderImage = (plan: BuilderPlan): string => asked(plan)[0] ?? buildkit

/** The registries that the builder's own images are asked for from: a login there has to be good before they are. */
export function builderRegistries(plan: BuilderPlan): string[] {
  const booted = asked(plan)
  const references = [...(booted.length === 0 ? [buildkit] : booted), plan.qemuImage].map(parseReference)
  return references.flatMap(each => ('registry' in each ? [registryOf(each)] : []))
}
