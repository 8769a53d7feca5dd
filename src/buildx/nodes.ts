import { at } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { lines } from '../inputs/lists.ts'
import type { BuilderNode } from './builder-plan.ts'
import { normalize } from './platforms.ts'

/** Reads `append`: a YAML list of nodes, with the keys that docker/setup-buildx-action gives them. */
export async function planNodes(text: string, findings: Findings): Promise<BuilderNode[]> {
  if (text === '') return []
  const { load } = await import('js-yaml')
  try {
    const nodes: unknown = load(text)
    if (Array.isArray(nodes) && nodes.every(isRecord)) return nodes.map(readNode)
    findings.problems.push(noList)
  } catch (error) {
    findings.problems.push({ ...noList, output: String((error as Error).message) })
  }
  return []
}

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const noList = {
  input: 'append',
  cause: '`append` is no YAML list of nodes.',
  remedy: 'Begin each node with `- ` and give it an `endpoint`: `- endpoint: ssh://me@arm.example.com`.',
}

function readNode(node: unknown): BuilderNode {
  return {
    name: text(node, 'name'),
    endpoint: text(node, 'endpoint'),
    platforms: entries(at(node, 'platforms'))
      .flatMap(entry => entry.split(','))
      .map(cell => normalize(cell.trim())),
    driverOpts: entries(at(node, 'driver-opts')),
    flags: text(node, 'buildkitd-flags'),
  }
}

const text = (node: unknown, key: string): string | undefined => {
  const value = at(node, key)
  return value === undefined || value === null ? undefined : String(value)
}

/** A list, or the lines of a text. */
const entries = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : lines(value === undefined || value === null ? '' : String(value))
