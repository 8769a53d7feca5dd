/** Finds the functions of the transaction on a manager that its steps call, directly or through others. */
import { swarmScript, transactionScript } from '../../../../src/deploy/script.ts'
import { planOf } from '../../../../src/deploy/steps.ts'

export const namesIn = (text: string): string[] =>
  [...text.matchAll(/^(\w+)\(\)/gm)].map(([, name = '']) => name)

/** The planned steps of a deploy to a Swarm. */
export const steps = planOf({
  facts: { swarm: { stack: 'shop', nodes: [] } },
  plan: {},
  payload: {
    plan: {
      hooks: {
        hostBefore: ['x'],
        runBefore: [],
        execBefore: [],
        hostAfter: ['x'],
        runAfter: [],
        execAfter: [],
      },
    },
    check: {},
  },
} as unknown as Parameters<typeof planOf>[0])

const callsIn = (plan: object): string[] =>
  [...JSON.stringify(plan).matchAll(/"([a-z]+(?:_[a-z]+)+)"/g)].map(([, name = '']) => name)

/** Reports whether a short name is called as a command, as it may also be a word of a message. */
const calledAlone = (word: string, body: string): boolean =>
  new RegExp(`(?:^|[;&|({!]|then|do|else|\\$\\() *${word}(?: |$)`, 'm').test(body)

/** The text of each function of the script, by name. */
export const bodies: ReadonlyMap<string, string> = new Map(
  [...swarmScript.matchAll(/^(\w+)\(\)([\s\S]*?)(?=^\w+\(\)|$(?![\s\S]))/gm)].map(
    ([, name = '', body = '']) => [name, body.replaceAll(/^\s*#.*$/gm, '')],
  ),
)

const known = new Set([...namesIn(swarmScript), ...namesIn(transactionScript)])

/** The functions that the steps call, including undefined ones. */
export const reached: ReadonlySet<string> = new Set(visited())

function visited(): Set<string> {
  const all = new Set<string>()
  const visit = (name: string): void => {
    if (all.has(name)) return
    all.add(name)
    const body = bodies.get(name) ?? ''
    for (const word of body.match(/\b[a-z]+(?:_[a-z]+)*\b/g) ?? [])
      if (known.has(word) && (word.includes('_') || calledAlone(word, body))) visit(word)
  }
  for (const root of ['main', 'deploy', 'settle_only', ...callsIn(steps)]) visit(root)
  return all
}
