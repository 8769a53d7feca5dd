import { Failure, type Problem } from '../core/errors.ts'
import { atLeast } from '../core/version.ts'
import type { Docker } from '../docker/docker.ts'
import type { BuildPlan } from './plan.ts'
import { exportersOf } from './result.ts'

/** What of a builder decides what is asked of buildx. */
export interface Traits {
  readonly annotates: boolean
  readonly isEngine: boolean
}

/** What an old buildx does not have, and would refuse as a flag that it does not know. */
interface Floor {
  readonly what: string
  readonly since: string
  readonly needed: (plan: BuildPlan, builder: Traits) => boolean
}

const floors: readonly Floor[] = [
  {
    what: '`provenance`, `sbom` and `attests`',
    since: '0.10',
    needed: ({ result, attests }) => result.kind !== 'call' && attests.length > 0,
  },
  {
    what: 'annotations',
    since: '0.12',
    needed: ({ result }, { annotates }) => result.kind === 'image' && annotates,
  },
  {
    what: 'several results of one build (`outputs`, `load`, `push`)',
    since: '0.13',
    needed: ({ result }, { isEngine }) => exportersOf(result, isEngine).length > 1,
  },
  { what: '`call`', since: '0.15', needed: ({ result }) => result.kind === 'call' },
]

/**
 * Fails with all that this run needs and the buildx that is there cannot do. Where the builder writes no annotations
 * (the engine's classic image store), it is given none.
 */
export function requireVersion({ buildxVersion }: Docker, plan: BuildPlan, builder: Traits): void {
  // A build of somebody's own has no number.
  if (!atLeast(buildxVersion, '0.1')) return
  const beyond = floors.filter(({ since, needed }) => !atLeast(buildxVersion, since) && needed(plan, builder))
  if (beyond.length > 0)
    throw new Failure(
      'preflight',
      beyond.map(floor => tooOld(floor, buildxVersion)),
    )
}

const tooOld = ({ what, since }: Floor, version: string): Problem => ({
  cause: `This runner has buildx ${version}, and ${what} need ${since} or later.`,
  remedy: 'Have a later one fetched by `buildx-version: latest`, or update the package docker-buildx-plugin.',
})
