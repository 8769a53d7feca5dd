/** Containers that look like a service's, and that Compose has not made. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { digestOf, openStand, service } from './stand.ts'

suite('a container that Compose has not made', () => {
  const cases = [
    { name: 'has no config hash', container: { hash: '' } },
    {
      name: 'has the labels of its image',
      container: { hash: 'kept', 'made-from': 'other' },
      image: 'kept/other',
    },
    {
      name: 'has the hash of its image, as v1 makes it',
      container: { hash: 'kept', 'made-from': '' },
      image: 'kept/',
    },
  ]
  for (const { name, container, image } of cases) {
    test(`${name}, and is no release to go back to`, () => {
      using stand = openStand()
      stand.image('one', 'exited 3')
      stand.image('copy')
      if (image !== undefined) stand.label('copy', image)
      const id = stand.container('web', { ...container, name: 'by-hand', image: stand.imageOf('copy') })
      const { verdict, log } = stand.deploy([service('web', 'one')])
      assert.equal(verdict?.kind, 'removed', log)
      assert.deepEqual(verdict?.previous, {})
      assert.match(log, /web: not running yet/)
      // Compose itself takes one with labels of its image for its own, and puts the new one in its place.
      assert.equal(
        stand.containers('web').some(each => each['id'] === id),
        image === undefined,
      )
    })
  }

  test('is not told apart by an image that was made of one of Compose’s containers', () => {
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
