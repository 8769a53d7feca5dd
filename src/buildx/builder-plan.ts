import { at } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Environment } from '../core/runtime.ts'
import { normalizePlatform } from '../image/platform.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { lines, list } from '../inputs/lists.ts'
import { boolean } from '../inputs/values.ts'

/** The builder that the inputs ask for. */
export interface BuilderPlan {
  /** The builder's name; Slipway creates the builder if it does not exist. */
  readonly name: string | undefined
  /** The source of the name: the input, or the environment variable of buildx. */
  readonly namedBy: 'builder' | 'BUILDX_BUILDER' | undefined
  readonly driver: Driver | undefined
  readonly driverOpts: readonly string[]
  /** The content of a buildkitd.toml. */
  readonly config: string | undefined
  readonly flags: string | undefined
  /** A docker context or an address: `ssh://user@host`, `tcp://host:2376`. */
  readonly endpoint: string | undefined
  readonly nodes: readonly BuilderNode[]
  /** Keep the cache when the builder is removed. */
  readonly keepState: boolean
  /** At the end of the job, remove the builder if this run created it. */
  readonly cleanup: boolean
  readonly qemuImage: string
  /** `0.29.1` or `latest`; undefined: use the buildx of the runner. */
  readonly buildxVersion: string | undefined
}

/** An additional node of a builder. */
export interface BuilderNode {
  readonly name: string | undefined
  readonly endpoint: string | undefined
  readonly platforms: readonly string[]
  readonly driverOpts: readonly string[]
  readonly flags: string | undefined
}

const drivers = ['docker', 'docker-container', 'kubernetes', 'remote', 'cloud'] as const

export type Driver = (typeof drivers)[number]

/** qemu-v10.2.3, pinned by digest because the container runs privileged. */
const pinnedQemu =
  'docker.io/tonistiigi/binfmt@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0'

/** Reads the builder inputs. */
export async function planBuilder(
  inputs: Inputs,
  env: Environment,
  findings: Findings,
): Promise<BuilderPlan> {
  const driver = planDriver(inputs, findings)
  return {
    ...planName(inputs.builder, env['BUILDX_BUILDER'] ?? ''),
    driver,
    driverOpts: list(inputs['driver-opts'], 'driver-opts', findings, { wholeLines: true, keepQuotes: true }),
    config: inputs['buildkitd-config-inline'] || undefined,
    flags: inputs['buildkitd-flags'] || undefined,
    endpoint: inputs.endpoint || undefined,
    nodes: await planNodes(inputs.append, findings),
    keepState: boolean(inputs, 'keep-state', findings, false),
    cleanup: boolean(inputs, 'cleanup', findings, true),
    qemuImage: inputs['qemu-image'] || pinnedQemu,
    buildxVersion: planBuildx(inputs['buildx-version'], findings),
  }
}

function planName(input: string, variable: string): Pick<BuilderPlan, 'name' | 'namedBy'> {
  if (input !== '') return { name: input, namedBy: 'builder' }
  if (variable !== '') return { name: variable, namedBy: 'BUILDX_BUILDER' }
  return { name: undefined, namedBy: undefined }
}

function planBuildx(text: string, findings: Findings): string | undefined {
  if (text === '' || text === 'latest') return text || undefined
  const [, version] = /^v?(\d+\.\d+\.\d+(?:-[a-z0-9.]+)?)$/.exec(text) ?? []
  if (version === undefined) {
    findings.problems.push({
      input: 'buildx-version',
      cause: `\`buildx-version\` is \`${text}\`, which is not a buildx release.`,
      remedy: /^(?:lab|cloud):/.test(text)
        ? 'For Docker Build Cloud, create the builder with docker/setup-buildx-action in an earlier step, and set `builder` to its name.'
        : 'Use a release such as `0.29.1`, or `latest`; omit the input to use the buildx of the runner.',
    })
  }
  return version
}

function planDriver(inputs: Inputs, findings: Findings): Driver | undefined {
  if (inputs.driver === '') return undefined
  const driver = drivers.find(known => known === inputs.driver)
  if (driver === undefined) {
    findings.problems.push({
      input: 'driver',
      cause: `\`driver\` is \`${inputs.driver}\`, which is not a buildx driver.`,
      remedy: `Use one of ${drivers.map(known => `\`${known}\``).join(', ')}, or omit the input.`,
    })
  }
  if (driver === 'docker') rejectForEngine(inputs, findings)
  if (driver === 'remote' && inputs.endpoint === '') findings.problems.push(noEndpoint)
  return driver
}

const noEndpoint = {
  input: 'endpoint',
  cause: '`driver: remote` is set without `endpoint`.',
  remedy: 'Set `endpoint` to the address of buildkitd, such as `tcp://buildkitd.example.com:1234`.',
}

/** Reports inputs that the engine's own builder ignores. */
function rejectForEngine(inputs: Inputs, findings: Findings): void {
  const names = ['driver-opts', 'buildkitd-config-inline', 'buildkitd-flags', 'endpoint', 'append'] as const
  for (const input of names.filter(name => at(inputs, name) !== '')) {
    findings.problems.push({
      input,
      cause: `\`${input}\` has no effect with \`driver: docker\`, which uses the engine's own builder.`,
      remedy: `Remove \`${input}\`, or use \`driver: docker-container\`.`,
    })
  }
}

/** Parses `append`: a YAML list of nodes, with the keys of docker/setup-buildx-action. */
async function planNodes(text: string, findings: Findings): Promise<BuilderNode[]> {
  if (text === '') return []
  const { load } = await import('js-yaml')
  try {
    const nodes: unknown = load(text)
    if (Array.isArray(nodes) && nodes.every(isRecord)) return nodes.map(readNode)
    findings.problems.push(notAList)
  } catch (error) {
    findings.problems.push({ ...notAList, output: String((error as Error).message) })
  }
  return []
}

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const notAList = {
  input: 'append',
  cause: '`append` is not a YAML list of nodes.',
  remedy: 'Start each node with `- ` and set its `endpoint`: `- endpoint: ssh://me@arm.example.com`.',
}

function readNode(node: unknown): BuilderNode {
  return {
    name: text(node, 'name'),
    endpoint: text(node, 'endpoint'),
    platforms: entries(at(node, 'platforms'))
      .flatMap(entry => entry.split(','))
      .map(platform => normalizePlatform(platform.trim())),
    driverOpts: entries(at(node, 'driver-opts')),
    flags: text(node, 'buildkitd-flags'),
  }
}

const text = (node: unknown, key: string): string | undefined => {
  const value = at(node, key)
  return value === undefined || value === null ? undefined : String(value)
}

/** Returns the entries of a YAML list, or the lines of a text. */
const entries = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : lines(value === undefined || value === null ? '' : String(value))
