import { Failure, type Problem } from '../core/errors.ts'
import { atLeast } from '../core/version.ts'
import type { Docker } from '../docker/docker.ts'
import { isAttested } from './attestations.ts'
import type { BuilderPlan, Driver } from './builder-plan.ts'
import type { BuildPlan } from './plan.ts'
import { type Exporter, exportersOf, isImage, isLoaded, isOff, isOn, isStored } from './result.ts'

/** The builder to use. */
export type BuilderChoice =
  /** The engine's own: nothing to create or boot. */
  | { readonly kind: 'engine' }
  /** A named one, created if it does not exist. */
  | { readonly kind: 'named'; readonly name: string }
  /** One created for this run; `why` says what the engine's own cannot do. */
  | { readonly kind: 'made'; readonly driver: Driver; readonly why: string }

/** Chooses the builder that the inputs ask for, else the one that the build needs. */
export function chooseBuilder(docker: Docker, plan: BuildPlan): BuilderChoice {
  const { name, driver = 'docker-container' } = plan.builder
  if (name !== undefined && name !== docker.context && name !== 'default') return { kind: 'named', name }
  if (name !== undefined || plan.builder.driver === 'docker') return { kind: 'engine' }
  const why = asked(plan.builder) ?? beyondEngine(docker, plan)
  return why === undefined ? { kind: 'engine' } : { kind: 'made', driver, why }
}

/** Returns the input that asks for a new builder, if there is one. */
function asked({ driver, driverOpts, config, flags, endpoint, nodes }: BuilderPlan): string | undefined {
  if (driver !== undefined) return `\`driver: ${driver}\` asks for it`
  if (endpoint !== undefined || nodes.length > 0) return 'it builds on other machines'
  if (driverOpts.length > 0) return '`driver-opts` are given'
  return config !== undefined || flags !== undefined ? 'buildkitd is configured' : undefined
}

/** Says what the engine's own builder cannot do for this build; undefined when it can do all of it. */
function beyondEngine(docker: Docker, plan: BuildPlan): string | undefined {
  const exports = exportersOf(plan.result, true)
  const limits = engineLimits.filter(({ store = docker.imageStore }) => store === docker.imageStore)
  return limits.find(({ exceeds }) => exceeds(plan, exports, docker))?.why
}

interface Limit {
  /** The image store that has this limit; both when undefined. */
  readonly store?: Docker['imageStore']
  readonly why: string
  readonly exceeds: (plan: BuildPlan, exports: readonly Exporter[], docker: Docker) => boolean
}

/**
 * What the engine's own builder (buildx's `docker` driver) refuses, or drops without a word: by its features
 * (docker/buildx, driver/docker), what buildx checks of its exporters (build/opt.go), and what the engine's exporter
 * makes of its options (moby/moby, builder-next/exporter).
 */
const engineLimits: readonly Limit[] = [
  {
    store: 'classic',
    why: "the engine's image store holds one platform",
    exceeds: plan => plan.platforms.length > 1,
  },
  {
    store: 'classic',
    why: "the engine's image store takes no attestations",
    exceeds: plan => isAttested(plan.attests),
  },
  {
    store: 'classic',
    why: "the engine's image store exports no cache",
    exceeds: plan => plan.cacheTo.some(({ type }) => type !== 'inline'),
  },
  {
    store: 'classic',
    why: "the engine's image store exports no archive of an image",
    exceeds: (_, exports) => exports.some(each => each.type === 'oci' || isArchive(each)),
  },
  {
    store: 'classic',
    why: "the engine's image store ignores how an image is compressed or annotated",
    exceeds: ({ annotated }, exports) =>
      exports.some(each => isStored(each) && (isAltered(each) || (annotated && each.pushes))),
  },
  {
    store: 'containerd',
    // docker/buildx#3023, moby/moby#49949: the push is repeated by the engine, each manifest under the tag.
    why: 'buildx before 0.22 can leave a tag on the wrong manifest',
    exceeds: (plan, exports, { buildxVersion }) =>
      !atLeast(buildxVersion, '0.22') &&
      exports.some(each => each.pushes) &&
      (plan.platforms.length > 1 || isAttested(plan.attests)),
  },
  {
    store: 'containerd',
    why: 'buildx before 0.22 pushes only what the engine stores',
    exceeds: (_, exports, { buildxVersion }) =>
      !atLeast(buildxVersion, '0.22') && exports.some(each => each.pushes && !isStored(each)),
  },
  {
    why: "the engine's image store pushes nothing by its digest alone",
    exceeds: (_, exports) => exports.some(each => each.pushes && isOn(each.attributes['push-by-digest'])),
  },
  {
    why: "the engine's image store rewrites no timestamps",
    exceeds: (_, exports) =>
      exports.some(each => (isImage(each) || isLoaded(each)) && isOn(each.attributes['rewrite-timestamp'])),
  },
  {
    why: 'the engine stores an image once',
    exceeds: (_, exports) => exports.filter(isStored).length > 1,
  },
  {
    why: "the engine's own builder loads into no other engine",
    exceeds: (_, exports, { context }) =>
      exports.some(each => isLoaded(each) && ![undefined, '', context].includes(each.attributes['context'])),
  },
  {
    why: 'an engine before 26.0 exports one result of a build',
    exceeds: (_, exports, { engineVersion }) => isBefore(engineVersion, '26.0') && exports.length > 1,
  },
  {
    why: 'the engine may not grant `security.insecure`',
    exceeds: plan => plan.allow.includes('security.insecure'),
  },
  {
    why: 'the engine knows no such cache',
    exceeds: plan => caches(plan).some(({ type }) => ['s3', 'azblob'].includes(type)),
  },
  {
    // The service of before was shut down in 2025; BuildKit 0.20 speaks to the present one.
    why: 'an engine before 28.0 does not reach the cache of GitHub Actions',
    exceeds: (plan, _, { engineVersion }) =>
      isBefore(engineVersion, '28.0') && caches(plan).some(({ type }) => type === 'gha'),
  },
]

const isArchive = (exporter: Exporter): boolean => exporter.type === 'docker' && !isLoaded(exporter)

/** Whether an option changes the image. gzip, and an option that is switched off, are the default. */
const isAltered = ({ attributes }: Exporter): boolean =>
  Object.entries(attributes).some(
    ([name, value]) =>
      /^(?:compression|compression-level|force-compression|oci-mediatypes|oci-artifact|annotation.*)$/.test(
        name,
      ) &&
      !isOff(value) &&
      !(name === 'compression' && value === 'gzip'),
  )

const caches = ({ cacheFrom, cacheTo }: BuildPlan) => [...cacheFrom, ...cacheTo]

/** Whether a version is known and older than the floor. */
const isBefore = (version: string, floor: string): boolean => version !== '' && !atLeast(version, floor)

/** The properties of a builder that decide which flags of buildx are used. */
interface Traits {
  readonly annotates: boolean
  readonly isEngine: boolean
}

/** A feature that an old buildx lacks: it would reject the flag as unknown. */
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
