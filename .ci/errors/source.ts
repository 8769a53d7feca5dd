import { join } from 'node:path'
import {
  type CallExpression,
  type Identifier,
  isCallExpression,
  isIdentifier,
  isParameterDeclaration,
  isShorthandPropertyAssignment,
  isTypeReferenceNode,
  isVariableDeclaration,
  type Node,
} from 'typescript/unstable/ast'
import { API, type Project, SymbolFlags } from 'typescript/unstable/sync'

/** The source as the compiler reads it. */
export interface Source {
  /** Every node of a kind, file by file. */
  all<T extends Node>(is: (node: Node) => node is T): T[]
  /** Where what a name stands for is declared, be it imported. */
  declaration(name: Identifier): Node | undefined
  /** Where a function is called, by its name or, where it was handed on, by the name of its type. */
  calls(declared: Node): readonly CallExpression[]
}

/** Reads the files of src/, and hands them to `read`. */
export function readSource<T>(root: string, read: (source: Source) => T): T {
  const api = new API({ cwd: root })
  try {
    const [project] = api.updateSnapshot({ openProject: join(root, 'tsconfig.json') }).getProjects()
    if (project === undefined) throw new Error('the compiler reads no project here')
    return read(sourceOf(project, join(root, 'src/')))
  } finally {
    api.close()
  }
}

function sourceOf(project: Project, folder: string): Source {
  const files = project.program
    .getSourceFileNames()
    .filter(name => name.startsWith(folder))
    .sort()
  const nodes = files.flatMap(file => walk(project.program.getSourceFile(file)))
  const found = new Map<Node, Node | undefined>()
  const declaration = (name: Identifier): Node | undefined => {
    if (!found.has(name)) found.set(name, declarationOf(name, project))
    return found.get(name)
  }
  const calls = Map.groupBy(nodes.filter(isCallExpression), ({ expression }) =>
    isIdentifier(expression) ? declaration(expression) : undefined,
  )
  const handedOn = (type: string) =>
    [...calls].flatMap(([called, own]) => (called !== undefined && typeName(called) === type ? own : []))
  return {
    all: is => nodes.filter(is),
    declaration,
    calls(declared) {
      const type = typeName(declared)
      return [...(calls.get(declared) ?? []), ...(type === undefined ? [] : handedOn(type))]
    },
  }
}

/** What a variable or a parameter is declared to be: a function that is handed on is known by it. */
function typeName(declared: Node): string | undefined {
  const type = isVariableDeclaration(declared) || isParameterDeclaration(declared) ? declared.type : undefined
  return type !== undefined && isTypeReferenceNode(type) ? type.typeName.getText() : undefined
}

function walk(node: Node | undefined): Node[] {
  if (node === undefined) return []
  const below: Node[] = []
  node.forEachChild(child => void below.push(...walk(child)))
  return [node, ...below]
}

function declarationOf(name: Identifier, project: Project): Node | undefined {
  const { checker } = project
  const symbol = isShorthandPropertyAssignment(name.parent)
    ? checker.getShorthandAssignmentValueSymbol(name.parent)
    : checker.getSymbolAtLocation(name)
  if (symbol === undefined) return undefined
  const own = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  return own.valueDeclaration?.resolve(project)
}
