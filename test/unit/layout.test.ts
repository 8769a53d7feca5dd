/** How the source hangs together: folders point one way, and nothing imports itself by a detour. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { suite, test } from 'node:test'
import { satisfies } from 'semver'

const root = join(import.meta.dirname, '../..')
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map(file => join('src', file))

/** The files of ours that each imports, types included. */
const imports = new Map(
  files.map(file => [
    file,
    [...readFileSync(join(root, file), 'utf8').matchAll(/ from '(\.[^']+\.ts)'/g)].map(([, path = '']) =>
      relative(root, join(root, dirname(file), path)),
    ),
  ]),
)

/** Finds a way from each node of a graph back to itself. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (node: string, path: readonly string[]): void => {
    const before = path.indexOf(node)
    if (before !== -1) found.add([...path.slice(before), node].join(' -> '))
    if (before !== -1 || done.has(node)) return
    for (const next of graph.get(node) ?? []) visit(next, [...path, node])
    done.add(node)
  }
  for (const node of graph.keys()) visit(node, [])
  return [...found]
}

suite('the layout of src', () => {
  test('no file imports itself by a detour', () => {
    assert.ok(files.length > 50)
    assert.deepEqual(circles(imports), [])
  })

  test('no two folders import each other', () => {
    const folders = new Map<string, Set<string>>()
    for (const [file, targets] of imports)
      for (const target of targets) {
        const [from, to] = [dirname(file), dirname(target)]
        if (from !== to) folders.set(from, (folders.get(from) ?? new Set()).add(to))
      }
    const pairs = [...folders].flatMap(([from, targets]) =>
      [...targets].filter(to => folders.get(to)?.has(from)).map(to => `${from} <-> ${to}`),
    )
    assert.deepEqual(pairs, [])
  })

  test('the root holds the entries and the story alone', () => {
    const there = files.filter(file => dirname(file) === 'src')
    assert.ok(there.length <= 8, there.join(', '))
  })

  test('a circle is found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ])
    assert.deepEqual(circles(graph), ['b -> c -> b'])
  })
})

// CONTRIBUTING.md promises Node 20; an install that warns looks broken.
test('every package of the lock file installs under Node 20 without a warning', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { engines?: { node?: string } }>
  }
  const refusing = Object.entries(packages).filter(
    ([, { engines }]) => engines?.node !== undefined && !satisfies('20.19.0', engines.node),
  )
  assert.deepEqual(
    refusing.map(([name]) => name),
    [],
  )
})

test('every export of src is imported by another file', () => {
  const [sources, others] = [['src'], ['test', '.ci']].map(folders =>
    folders.flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(file => file.endsWith('.ts'))
        .map(file => join(folder, file)),
    ),
  )
  const imported = new Set(
    [...(sources ?? []), ...(others ?? [])].flatMap(file =>
      importedBy(file, readFileSync(join(root, file), 'utf8')),
    ),
  )
  const exported = files.flatMap(file =>
    [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        /^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm,
      ),
    ].map(([, name]) => `${file} ${name}`),
  )
  assert.ok(exported.length > 400)
  assert.deepEqual(
    exported.filter(name => !imported.has(name)),
    [],
  )
})

/** Lists what a file imports from files of ours, statically or by `await import`, as `FILE NAME`. */
function importedBy(file: string, text: string): string[] {
  const names = /(?:import (?:type )?\{([^}]*)\} from |const \{([^}]*)\} = await import\()'(\.[^']+\.ts)'/g
  return [...text.matchAll(names)].flatMap(([, fixed, late, path = '']) =>
    (fixed ?? late ?? '')
      .split(',')
      .map(name => /^(?:type )?(\w+)/.exec(name.trim())?.[1])
      .map(name => `${relative(root, join(root, dirname(file), path))} ${name}`),
  )
}
