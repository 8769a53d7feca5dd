import {
  type Expression,
  type FunctionLikeDeclaration,
  isAsExpression,
  isBinaryExpression,
  isCallExpression,
  isConditionalExpression,
  isFunctionLikeDeclaration,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isParameterDeclaration,
  isReturnStatement,
  isStringLiteral,
  isTemplateExpression,
  isVariableDeclaration,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast'
import type { Source } from './source.ts'

/** Stands for what is known only when it happens. */
export const unknown = '…'

/** What parameters are given, where a function is looked at from one of its calls. */
export type Given = ReadonlyMap<Node, readonly string[]>

interface Reading {
  readonly source: Source
  readonly given: Given
  /** The functions that are being read: one that calls itself is not read again. */
  readonly within: readonly Node[]
}

/** The texts that an expression can come to: what is written in it stands, and all else is `…`. */
export const wordings = (expression: Expression, source: Source, given: Given): readonly string[] =>
  read(expression, { source, given, within: [] })

function read(expression: Expression, reading: Reading): readonly string[] {
  const again = (part: Expression) => read(part, reading)
  if (isStringLiteral(expression) || isNoSubstitutionTemplateLiteral(expression)) return [expression.text]
  if (isAsExpression(expression)) return again(expression.expression)
  if (isConditionalExpression(expression))
    return [...again(expression.whenTrue), ...again(expression.whenFalse)]
  if (isBinaryExpression(expression))
    return combined(expression.operatorToken.kind, again(expression.left), again(expression.right))
  if (isTemplateExpression(expression)) {
    const parts = expression.templateSpans.flatMap(span => [
      inside(again(span.expression)),
      [span.literal.text],
    ])
    return joined([[expression.head.text], ...parts])
  }
  if (isIdentifier(expression)) return named(reading.source.declaration(expression), reading)
  if (isCallExpression(expression) && isIdentifier(expression.expression)) {
    const called = functionOf(reading.source.declaration(expression.expression))
    if (called === undefined || reading.within.includes(called)) return [unknown]
    const given = bind(called, expression.arguments, again)
    return returned(called, { ...reading, given, within: [...reading.within, called] })
  }
  return [unknown]
}

function combined(
  operator: SyntaxKind,
  left: readonly string[],
  right: readonly string[],
): readonly string[] {
  if (operator === SyntaxKind.PlusToken) return joined([left, right])
  return operator === SyntaxKind.QuestionQuestionToken ? [...left, ...right] : [unknown]
}

/** In the middle of a sentence, one of several texts is as good as any. */
const inside = (texts: readonly string[]): readonly string[] => (texts.length === 1 ? texts : [unknown])

function joined(parts: readonly (readonly string[])[]): string[] {
  return parts.reduce<string[]>((starts, ends) => starts.flatMap(start => ends.map(end => start + end)), [''])
}

function named(declared: Node | undefined, reading: Reading): readonly string[] {
  if (declared === undefined) return [unknown]
  if (isParameterDeclaration(declared)) return reading.given.get(declared) ?? [unknown]
  if (isVariableDeclaration(declared) && declared.initializer !== undefined)
    return read(declared.initializer, reading)
  return [unknown]
}

/** The function that a name is declared as: `function name() {}` or `const name = () => …`. */
export function functionOf(declared: Node | undefined): FunctionLikeDeclaration | undefined {
  if (declared === undefined) return undefined
  if (isFunctionLikeDeclaration(declared)) return declared
  const value = isVariableDeclaration(declared) ? declared.initializer : undefined
  return value !== undefined && isFunctionLikeDeclaration(value) ? value : undefined
}

/** What the parameters of a function are in one call. */
export function bind(
  called: FunctionLikeDeclaration,
  given: readonly Expression[],
  wording: (argument: Expression) => readonly string[],
): Given {
  return new Map(
    [...called.parameters].map((parameter, index) => {
      const argument = given[index]
      return [parameter, argument === undefined ? [unknown] : wording(argument)]
    }),
  )
}

function returned({ body }: FunctionLikeDeclaration, reading: Reading): readonly string[] {
  if (body === undefined) return [unknown]
  const results = body.kind === SyntaxKind.Block ? returns(body) : [body as Expression]
  return results.length === 0 ? [unknown] : results.flatMap(result => read(result, reading))
}

function returns(node: Node): Expression[] {
  const found: Expression[] = []
  node.forEachChild(child => {
    if (isReturnStatement(child)) found.push(...(child.expression === undefined ? [] : [child.expression]))
    else if (!isFunctionLikeDeclaration(child)) found.push(...returns(child))
  })
  return found
}
