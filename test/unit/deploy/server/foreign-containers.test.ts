/** Containers that look like those of a service, but that Compose did not create. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { digestOf, openStand, service } from './stand.ts'

suite('a container that Compose did not create', () => {
  const cases = [
    { name: 'has no config hash', container: { hash: '' } },
    {
      name: 'has the labels of its image',
      container: { hash: 'kept', 'made-from': 'other' },
      image: 'kept/other',
    },
    {
      name: 'has the hash of its image, as with Compose v1',
      container: { hash: 'kept', 'made-from': '' },
      image: 'kept/',
    },
  ]
  for (const { name, container, image } of cases) {
    test(`${name}, and is not restored by a rollback`, () => {
      using stand = openStand()
      stand.image('one', 'exited 3')
      stand.image('copy')
      if (image !== undefined) stand.label('copy', image)
      const id = stand.container('web', { ...container, name: 'by-hand', image: stand.imageOf('copy') })
      const { verdict, log } = stand.deploy([service('web', 'one')])
      assert.equal(verdict?.kind, 'removed', log)
      assert.deepEqual(verdict?.previous, {})
      assert.match(log, /web: not running yet/)
      // Compose itself mistakes a container with the labels of its image for its own, and replaces it.
      assert.equal(
        stand.containers('web').some(each => each['id'] === id),
        image === undefined,
      )
    })
  }

  test('is not confused with one of Compose whose image was committed from a container', () => {
    using stand = openStand()
    stand.image('one', 'exited 3')
    stand.image('copy')
    stand.label('copy', 'before/other')
    stand.container('web', { image: stand.imageOf('copy'), 'made-from': stand.imageOf('copy') })
    const { verdict, log } = stand.deploy([service('web', 'one')])
    assert.equal(verdict?.kind, 'rolled-back', log)
    assert.deepEqual(verdict?.previous, { web: digestOf('copy') })
  })
})
