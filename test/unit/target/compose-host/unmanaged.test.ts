import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { answerOf } from '../../../../src/target/compose-host/answer.ts'
import { parseContainers } from '../../../../src/target/compose-host/containers.ts'
import type { ProjectReading } from '../../../../src/target/compose-host/project.ts'
import { warnOfRunning } from '../../../../src/target/compose-host/services.ts'
import type { DeployPlan } from '../../../../src/target/plan.ts'

/** Returns a distinct image ID for each name. */
const imageId = (name: string): string => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`

const labels = (hash: string, image: string) => ({ 'config-hash': hash, image })
const container = (name: string, image: string, made: Readonly<Record<string, string>>) =>
  JSON.stringify({
    id: 'c'.repeat(64),
    name: `/${name}`,
    state: 'running',
    started: '',
    exit: 0,
    restarts: 0,
    reference: 'app',
    image: imageId(image),
    labels: { service: 'web', oneoff: 'False', ...made },
  })

suite('a container with the labels of a service', () => {
  // The image `copy` was committed from a container of `app`.
  const table = [
    { name: 'that Compose created', image: 'app', made: labels('h', 'app'), expected: true },
    { name: 'that Compose v1 created', image: 'app', made: labels('h', ''), expected: true },
    {
      name: 'that Compose created from a committed image',
      image: 'copy',
      made: labels('h', 'copy'),
      expected: true,
    },
    { name: 'without a config hash', image: 'app', made: labels('', ''), expected: false },
    { name: 'that inherits them from its image', image: 'copy', made: labels('h', 'app'), expected: false },
    { name: 'that inherits those of v1 from its image', image: 'v1', made: labels('h', ''), expected: false },
    { name: 'whose image is gone', image: 'gone', made: labels('h', 'gone'), expected: true },
  ]
  const images = [
    { id: 'app', digests: [], labels: labels('', '') },
    { id: 'copy', digests: null, labels: labels('h', 'app') },
    { id: 'v1', digests: null, labels: labels('h', '') },
  ].map(({ id, ...image }) => JSON.stringify({ id: imageId(id), ...image }))

  for (const { name, image, made, expected } of table) {
    test(`${name} ${expected ? 'belongs to it' : 'is unmanaged, and causes a warning'}`, () => {
      const reading = parseContainers(
        answerOf([
          { name: 'containers', lines: [container('one', image, made)] },
          { name: 'images', lines: images },
        ]),
      )
      assert.deepEqual(
        reading.containers.map(each => each.name),
        expected ? ['one'] : [],
      )
      const warnings: string[] = []
      warnOfRunning(
        { project: { name: 'app', directory: '/srv/app', composeFiles: [] } } as unknown as ProjectReading,
        reading,
        { services: ['web'] } as unknown as DeployPlan,
        { problems: [], warnings },
      )
      assert.equal(
        warnings.some(line => line.includes('`one`') && line.includes('docker rm -f one')),
        !expected,
      )
    })
  }
})
