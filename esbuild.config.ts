// Builds dist/, readable and as CommonJS (ESM output breaks on ssh2: "Dynamic require"). What a run does not need it
// does not even parse, which is most of a start-up:
//
//   main.cjs, cleanup.cjs   the entries of action.yml: what every run needs
//   later.cjs               what a run needs once its plan stands (src/later.ts)
//   shared.cjs              what they have in common, loaded once: a Failure is the same in all of them
//   vendor/*.cjs            packages that are needed here and there, one file each
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deferred, seldom } from './.ci/bundle/deferred.ts'
import { lazyPackages, openVendor } from './.ci/bundle/packages.ts'
import { buildRooms } from './.ci/bundle/rooms.ts'

const outdir = process.env['DIST'] ?? 'dist'

const vendor = openVendor()
const rooms = await buildRooms(
  ['src/main.ts', 'src/cleanup.ts', ...seldom],
  [lazyPackages(vendor), deferred(vendor.take)],
)
const packages = await vendor.files()

rmSync(outdir, { recursive: true, force: true })
mkdirSync(join(outdir, 'vendor'), { recursive: true })
for (const { path, text } of [...rooms, ...packages]) writeFileSync(join(outdir, path), text)
