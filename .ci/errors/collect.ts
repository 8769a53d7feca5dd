import { relative } from 'node:path'
import {
  type Expression,
  type FunctionLikeDeclaration,
  isFunctionLikeDeclaration,
  isIdentifier,
  isNewExpression,
  isObjectLiteralExpression,
  isPropertyAssignment,
  isShorthandPropertyAssignment,
  isVariableDeclaration,
  type Node,
  type ObjectLiteralExpression,
} from 'typescript/unstable/ast'
import { readSource, type Source } from './source.ts'
import { bind, type Given, unknown, wordings } from './wording.ts'

/** An error that the source expects, as it is worded there; `…` stands for what is known only when it happens. */
export interface Expected {
  /** `src/ssh/key.ts` */
  readonly file: string
  readonly cause: string
  /** One of these is told; none: what to do is known only when it happens. */
  readonly remedies: readonly string[]
  /** The inputs that can be to blame. */
  readonly inputs: readonly string[]
}

/**
 * Every object of the source that is a problem. One whose words are not in the source can only be left out where `passedOn`
 * says why, by its file; any other is an error, and so is a file that has none.
 */
export function collect(root: string, passedOn: Readonly<Record<string, string>> = {}): Expected[] {
  return readSource(root, source => {
    const found = source
      .all(isObjectLiteralExpression)
      .filter(object => causeOf(object) !== undefined)
      .flatMap(object => contexts(object, source, []).flatMap(given => expected(object, source, given, root)))
    found.push(...templateErrors(source, root))
    const wordless = found.filter(each => !hasWords(each))
    checkPassedOn(wordless, passedOn)
    return distinct(found.filter(hasWords))
  })
}

const known = 'Known here are …; `\\{{` is for braces that are meant as such.'

/** What is wrong with a template is thrown as an error of its own, and told with the input and the whole of it. */
function templateErrors(source: Source, root: string): Expected[] {
  const thrown = source
    .all(isNewExpression)
    .filter(({ expression }) => isIdentifier(expression) && expression.text === 'TemplateError')
  return thrown.flatMap(made => {
    const [message, remedy] = (made.arguments ?? []).map(each => wordings(each, source, new Map()).map(tidy))
    return (message ?? []).map(text => ({
      file: relative(root, made.getSourceFile().fileName),
      cause: `\`${unknown}\` ${text}: \`${unknown}\`.`,
      remedies: (remedy ?? [known]).filter(each => each !== unknown),
      inputs: [],
    }))
  })
}

const hasWords = ({ cause }: Expected): boolean => /\p{L}{3}/u.test(cause)

function checkPassedOn(wordless: readonly Expected[], passedOn: Readonly<Record<string, string>>): void {
  const lost = wordless.filter(({ file }) => passedOn[file] === undefined)
  const idle = Object.keys(passedOn).filter(name => !wordless.some(({ file }) => file === name))
  if (lost.length + idle.length === 0) return
  throw new Error(
    [
      ...lost.map(({ file, cause }) => `${file}: no words of this cause are in the source: ${cause}`),
      ...idle.map(file => `.ci/errors/passed-on.yml: nothing is passed on by ${file}`),
    ].join('\n'),
  )
}

/** A `cause`; or a `reason` with its remedy, which becomes the end of one. */
const causeOf = (object: ObjectLiteralExpression): Expression | undefined =>
  property(object, 'cause') ?? (property(object, 'remedy') && property(object, 'reason'))

function expected(object: ObjectLiteralExpression, source: Source, given: Given, root: string): Expected[] {
  const read = (value: Expression | undefined) =>
    value === undefined ? [] : wordings(value, source, given).map(tidy)
  const whole = property(object, 'cause') !== undefined
  const common = {
    file: relative(root, object.getSourceFile().fileName),
    remedies: read(property(object, 'remedy')).filter(text => text !== unknown),
    inputs: read(property(object, 'input')).filter(text => text !== unknown),
  }
  return read(causeOf(object)).map(text => ({
    ...common,
    cause: whole || text === unknown ? text : `${unknown}: ${text}.`,
  }))
}

/** Several unknowns in a row are one; `{error}` stands for a tool's own words. */
const tidy = (text: string): string =>
  text
    .replaceAll('{error}', unknown)
    .replace(/…(?:[:/.]?…)+/g, unknown)
    .replace(/\s*\n\s*/g, ' ')

function property({ properties }: ObjectLiteralExpression, name: string): Expression | undefined {
  for (const each of properties) {
    if (isPropertyAssignment(each) && isIdentifier(each.name) && each.name.text === name)
      return each.initializer
    if (isShorthandPropertyAssignment(each) && isIdentifier(each.name) && each.name.text === name)
      return each.name
  }
  return undefined
}

/** What the parameters around an object can be: a context for each call of the function that it is made in. */
function contexts(node: Node, source: Source, seen: readonly Node[]): Given[] {
  const made = enclosing(node)
  if (made === undefined || seen.includes(made)) return [new Map()]
  const calls = source.calls(isVariableDeclaration(made.parent) ? made.parent : made)
  if (calls.length === 0) return [new Map()]
  return calls.flatMap(call =>
    contexts(call, source, [...seen, made]).map(given =>
      bind(made, call.arguments, argument => wordings(argument, source, given)),
    ),
  )
}

function enclosing(node: Node): FunctionLikeDeclaration | undefined {
  for (let at: Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (isFunctionLikeDeclaration(at)) return at
  }
  return undefined
}

/** The same words at several places, from several calls or for several inputs are one entry with all their remedies. */
function distinct(found: readonly Expected[]): Expected[] {
  const nameless = ({ cause, inputs }: Expected) =>
    inputs.reduce((text, input) => text.replaceAll(`\`${input}\``, `\`${unknown}\``), cause)
  return [...Map.groupBy(found, each => `${each.file} ${nameless(each)}`).values()].map(same => {
    const [first] = same as [Expected, ...Expected[]]
    const causes = new Set(same.map(({ cause }) => cause))
    return {
      file: first.file,
      cause: causes.size === 1 ? first.cause : nameless(first),
      remedies: [...new Set(same.flatMap(({ remedies }) => remedies))],
      inputs: [...new Set(same.flatMap(({ inputs }) => inputs))],
    }
  })
}
