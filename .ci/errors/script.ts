import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { problemOf } from '../../src/outcome.ts'
import type { Expected } from './collect.ts'
import { unknown } from './wording.ts'

const folder = 'src/deploy/server/transaction'

/** What the transaction's own script says when it does not go on: the texts that it gives to `fail` and its like. */
export function collectScript(root: string): Expected[] {
  return readdirSync(join(root, folder))
    .filter(name => name.endsWith('.sh'))
    .flatMap(name => expectedOf(name, readFileSync(join(root, folder, name), 'utf8')))
}

function expectedOf(name: string, script: string): Expected[] {
  const remedy = remedyOf(basename(name, '.sh'))
  const texts = [...script.matchAll(said)]
    .map(([, quoted, plain = '']) => sentence(quoted ?? plain))
    .filter(text => /\p{L}{3}/u.test(text))
  return [...new Set(texts)].map(cause => ({
    file: `${folder}/${name}`,
    cause,
    remedies: remedy === undefined ? [] : [remedy],
    inputs: [],
  }))
}

const said =
  /\b(?:(?:fail|fails|waits) |(?:reason|why|why_failed)=)(?:"((?:\$\([^)]*\)|\\.|[^"\\])+)"|'([^']+)')/g

/** As it is told: a sentence, with what the shell fills in left open. */
function sentence(text: string): string {
  const open = text.replaceAll(/\$\{[^}]*\}|\$\([^)]*\)|\$\w+/g, unknown)
  return `${open.charAt(0).toUpperCase()}${open.slice(1)}.`
}

/** What the action says to it, by the stage of the transaction. */
const remedyOf = (stage: string): string | undefined =>
  problemOf({ kind: 'unchanged', stage, reason: '', deployed: {}, previous: {}, stages: [], output: '' })
    .remedy
