import { Failure, type Problem } from '../core/errors.ts'
import { atLeast } from '../core/version.ts'
import type { Docker } from '../docker/docker.ts'
import { isAttested } from './attestations.ts'
import type { BuilderPlan, Driver } from './builder-plan.ts'
import type { BuildPlan } from './plan.ts'
import { type Exporter, exportersOf, isImage, isLoaded, isOff, isOn, isStored } from './result.ts'

/** The builder to use. */
export type BuilderChoice =
  /** The engine's own builder, which need not be created or booted. */
  | { readonly kind: 'engine' }
  /** A builder with a given name, created if it does not exist. */
  | { readonly kind: 'named'; readonly name: string }
  /** A builder created for this run; `why` is the input that requires it, or what the engine's own builder lacks. */
  | { readonly kind: 'new'; readonly driver: Driver; readonly why: string }

/**
 * Chooses the builder that the inputs configure; without such an input, the simplest builder that can run the build.
 */
export function chooseBuilder(docker: Docker, plan: BuildPlan): BuilderChoice {
  const { name, driver = 'docker-container' } = plan.builder
  if (name !== undefined && name !== docker.context && name !== 'default') return { kind: 'named', name }
  if (name !== undefined || plan.builder.driver === 'docker') return { kind: 'engine' }
  const why = requiredByInput(plan.builder) ?? engineLimit(docker, plan)
  return why === undefined ? { kind: 'engine' } : { kind: 'new', driver, why }
}

/** Returns the reason why the inputs require a new builder; undefined if they do not. */
export function requiredByInput({
  driver,
  driverOpts,
  config,
  flags,
  endpoint,
  nodes,
}: BuilderPlan): string | undefined {
  if (driver !== undefined) return `\`driver: ${driver}\` is set`
  if (endpoint !== undefined || nodes.length > 0) return 'the build runs on other machines'
  if (driverOpts.length > 0) return '`driver-opts` is set'
  return config !== undefined || flags !== undefined ? 'buildkitd is configured' : undefined
}

/** Returns the first limit of the engine's own builder that this build exceeds; undefined if there is none. */
function engineLimit(docker: Docker, plan: BuildPlan): string | undefined {
  const exports = exportersOf(plan.result, true)
  const limits = engineLimits.filter(({ store = docker.imageStore }) => store === docker.imageStore)
  return limits.find(({ exceeds }) => exceeds(plan, exports, docker))?.why
}

interface Limit {
  /** The image store that has this limit; undefined: both. */
  readonly store?: Docker['imageStore']
  readonly why: string
  readonly exceeds: (plan: BuildPlan, exports: readonly Exporter[], docker: Docker) => boolean
}

/**
 * What the engine's own builder (buildx's `docker` driver) rejects or silently ignores. Sources: the features of the
 * driver (docker/buildx, driver/docker), buildx's checks of the exporters (build/opt.go), and the options that the
 * engine's exporter reads (moby/moby, builder-next/exporter).
 */
const engineLimits: readonly Limit[] = [
  {
    store: 'classic',
    why: "the engine's image store holds only one platform of an image",
    exceeds: plan => plan.platforms.length > 1,
  },
  {
    store: 'classic',
    why: "the engine's image store does not support attestations",
    exceeds: plan => isAttested(plan.attests),
  },
  {
    store: 'classic',
    why: "the engine's image store cannot export a cache",
    exceeds: plan => plan.cacheTo.some(({ type }) => type !== 'inline'),
  },
  {
    store: 'classic',
    why: "the engine's image store cannot export an archive of an image",
    exceeds: (_, exports) => exports.some(exporter => exporter.type === 'oci' || isArchive(exporter)),
  },
  {
    store: 'classic',
    why: "the engine's image store ignores how an image is compressed or annotated",
    exceeds: ({ annotated }, exports) =>
      exports.some(each => isStored(each) && (isAltered(each) || (annotated && each.pushes))),
  },
  {
    store: 'containerd',
    // docker/buildx#3023, moby/moby#49949: the engine pushes again, each manifest under the tag.
    why: 'buildx before 0.22 can leave a tag on the wrong manifest',
    exceeds: (plan, exports, { buildxVersion }) =>
      !atLeast(buildxVersion, '0.22') &&
      exports.some(each => each.pushes) &&
      (plan.platforms.length > 1 || isAttested(plan.attests)),
  },
  {
    store: 'containerd',
    why: 'buildx before 0.22 pushes only images that the engine stores',
    exceeds: (_, exports, { buildxVersion }) =>
      !atLeast(buildxVersion, '0.22') && exports.some(each => each.pushes && !isStored(each)),
  },
  {
    why: 'the engine cannot push an image by its digest alone',
    exceeds: (_, exports) => exports.some(each => each.pushes && isOn(each.attributes['push-by-digest'])),
  },
  {
    why: 'the engine cannot rewrite timestamps',
    exceeds: (_, exports) =>
      exports.some(each => (isImage(each) || isLoaded(each)) && isOn(each.attributes['rewrite-timestamp'])),
  },
  {
    why: 'the engine can store the image only once',
    exceeds: (_, exports) => exports.filter(isStored).length > 1,
  },
  {
    why: "the engine's own builder cannot load an image into another engine",
    exceeds: (_, exports, { context }) =>
      exports.some(each => isLoaded(each) && ![undefined, '', context].includes(each.attributes['context'])),
  },
  {
    why: 'an engine before 26.0 exports only one result of a build',
    exceeds: (_, exports, { engineVersion }) => isBefore(engineVersion, '26.0') && exports.length > 1,
  },
  {
    why: 'the engine may not allow `security.insecure`',
    exceeds: plan => plan.allow.includes('security.insecure'),
  },
  {
    why: 'the engine does not support this type of cache',
    exceeds: plan => caches(plan).some(({ type }) => ['s3', 'azblob'].includes(type)),
  },
  {
    // GitHub shut down the first version of the cache service in 2025; BuildKit supports the second since 0.20.
    why: 'an engine before 28.0 cannot use the GitHub Actions cache',
    exceeds: (plan, _, { engineVersion }) =>
      isBefore(engineVersion, '28.0') && caches(plan).some(({ type }) => type === 'gha'),
  },
]

const isArchive = (exporter: Exporter): boolean => exporter.type === 'docker' && !isLoaded(exporter)

/** Reports whether an option changes the image. gzip and options that are switched off are the default. */
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

/** Reports whether a version is known and older than `minimum`. */
const isBefore = (version: string, minimum: string): boolean => version !== '' && !atLeast(version, minimum)

/** The properties of a builder that decide which flags Slipway passes to buildx. */
interface Traits {
  readonly annotates: boolean
  readonly isEngine: boolean
}

/** A feature that an old buildx lacks; it would reject the flag as unknown. */
interface Feature {
  readonly name: string
  /** The first version of buildx with the feature. */
  readonly since: string
  readonly needed: (plan: BuildPlan, builder: Traits) => boolean
}

const features: readonly Feature[] = [
  {
    name: '`provenance`, `sbom` and `attests`',
    since: '0.10',
    needed: ({ result, attests }) => result.kind !== 'call' && attests.length > 0,
  },
  {
    name: 'annotations',
    since: '0.12',
    needed: ({ result }, { annotates }) => result.kind === 'image' && annotates,
  },
  {
    name: 'several results of one build (`outputs`, `load`, `push`)',
    since: '0.13',
    needed: ({ result }, { isEngine }) => exportersOf(result, isEngine).length > 1,
  },
  { name: 'runs with `call`', since: '0.15', needed: ({ result }) => result.kind === 'call' },
]

/**
 * Throws a Failure that lists every feature that this run needs and the installed buildx lacks. Annotations do not
 * count if the builder cannot write them (the engine's classic image store): Slipway then passes none.
 */
export function requireVersion({ buildxVersion }: Docker, plan: BuildPlan, builder: Traits): void {
  // A buildx built from source may have no version number.
  if (!atLeast(buildxVersion, '0.1')) return
  const missing = features.filter(
    ({ since, needed }) => !atLeast(buildxVersion, since) && needed(plan, builder),
  )
  if (missing.length > 0)
    throw new Failure(
      'preflight',
      missing.map(feature => tooOld(feature, buildxVersion)),
    )
}

const tooOld = ({ name, since }: Feature, version: string): Problem => ({
  cause: `The runner has buildx ${version}, but ${name} need ${since} or later.`,
  remedy: 'Set `buildx-version: latest`, or update the package docker-buildx-plugin on the runner.',
})
