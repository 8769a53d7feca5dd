// Builds dist/, readable and as CommonJS (ESM output breaks on ssh2: "Dynamic require"). What a run does not need it
// does not even parse, which is most of a start-up:
//
//   main.cjs, cleanup.cjs   the entries of action.yml, as far as each run needs them
//   later.cjs               what a run needs only once its plan stands (src/later.ts)
//   shared-*.cjs            what some of these have in common, loaded once: a Failure is a Failure everywhere
//   vendor/*.cjs            packages that our sources import where they need them, one file each
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackage, lazyPackages } from './bundle/packages.ts'
import { buildRooms } from './bundle/rooms.ts'

const outdir = process.env['DIST'] ?? 'dist'

const packages = lazyPackages()
const rooms = await buildRooms({ main: 'src/main.ts', cleanup: 'src/cleanup.ts' }, packages.plugin)
const vendor = await Promise.all(packages.found().map(each => buildPackage(each, packages.found())))

rmSync(outdir, { recursive: true, force: true })
mkdirSync(join(outdir, 'vendor'), { recursive: true })
for (const { path, text } of [...rooms, ...vendor]) writeFileSync(join(outdir, path), text)
