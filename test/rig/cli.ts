import { down, machines } from './down.ts'
import { place } from './place.ts'
import { alive } from './record.ts'
import { rig } from './rig.ts'
import { asRoot } from './root.ts'

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function up(): Promise<void> {
  const started = performance.now()
  const { runner, registry, server, place: at } = await rig({ say })
  const modern = await server('modern')
  say(`The rig in ${at.directory} is up after ${((performance.now() - started) / 1000).toFixed(1)} s:`)
  say(`  runner   DOCKER_HOST=${runner.env.DOCKER_HOST}`)
  say(`  registry ${registry.host}, user ${registry.username}`)
  say(`  server   ssh -i ${modern.access.key.file} deploy@${modern.address}`)
}

function status(): void {
  const at = place()
  const all = machines(at)
  if (!all.length) say(`No rig is up in ${at.directory}.`)
  for (const { name, address, first } of all)
    say(`${name} ${address} ${alive(first) ? `up (process ${first.pid})` : 'dead'}`)
}

const verb = process.argv[2]
if (verb === 'up') await asRoot(up)
else if (verb === 'down') await asRoot(down)
else if (verb === 'status') status()
else {
  say('usage: cli.ts up | down | status')
  process.exitCode = 2
}
