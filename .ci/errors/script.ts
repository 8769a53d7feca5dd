import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { outcomeOf } from '../../src/deploy/outcome.ts'
import { remedyOf } from '../../src/deploy/remedies.ts'
import type { Expected } from './collect.ts'
import { unknown } from './wording.ts'

const folder = 'src/deploy/agent'

/** What the transaction's own script says when it does not go on: the texts that it gives to `fail` and its like. */
export function collectScript(root: string): Expected[] {
  return readdirSync(join(root, folder))
    .filter(name => name.endsWith('.sh'))
    .flatMap(name => expectedOf(name, readFileSync(join(root, folder, name), 'utf8')))
}

function expectedOf(name: string, script: string): Expected[] {
  const texts = [...script.matchAll(said)]
    .map(([, quoted, plain = '']) => open(quoted ?? plain))
    // What is added to a reason is none.
    .filter(text => /\p{L}{3}/u.test(text) && !text.startsWith(`${unknown};`))
  return [...new Set(texts)].map(text => {
    const remedy = remedyOf(stageOf[name] ?? basename(name, '.sh'), text)
    return {
      file: `${folder}/${name}`,
      cause: sentence(text),
      remedies: remedy === undefined ? [] : [remedy],
      inputs: [],
    }
  })
}

const said =
  /\b(?:(?:fail|fails|waits) |(?:reason|why|why_failed)=)(?:"((?:\$\([^)]*\)|\\.|[^"\\])+)"|'([^']+)')/g

/** A room that is named otherwise than its stage. */
const stageOf: Readonly<Record<string, string>> = { 'sequence.sh': 'up', 'observe.sh': 'gate' }

/** What the shell fills in is left open. */
const open = (text: string): string => text.replaceAll(/\$\{[^}]*\}|\$\([^)]*\)|\$\w+/g, unknown)

/** As it is told. */
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** The sentences that say what a deploy came to; the reason stands in the middle of each. */
export function collectOutcomes(): Expected[] {
  const stages = (names: readonly string[]) => names.map(stage => ({ stage, milliseconds: 0 }))
  const ends = [
    { kind: 'unchanged', stages: [] },
    { kind: 'rolled-back', stages: [] },
    { kind: 'removed', stages: [] },
    { kind: 'broken', stages: stages(['up', 'gate', 'rollback']) },
    { kind: 'broken', stages: stages(['up', 'gate']), left: true },
    { kind: 'broken', stages: stages(['pin', 'before']) },
  ] as const
  return ends.map(end => ({
    file: 'src/deploy/outcome.ts',
    cause: outcomeOf({ ...end, reason: unknown, deployed: {}, previous: {}, output: '' }),
    remedies: [],
    inputs: [],
  }))
}
