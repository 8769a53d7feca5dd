import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forCommands, ownEnvironment } from '../../../src/core/runtime.ts'

test('commands get the environment without the inputs, the state and the TLS keys of builder nodes', () => {
  const env = {
    PATH: '/bin',
    BUILDX_BUILDER: 'mine',
    'INPUT_SSH-KEY': 'secret',
    STATE_undo: '[]',
    BUILDER_NODE_0_AUTH_TLS_KEY: 'secret',
    BUILDER_NODE_12_AUTH_TLS_CACERT: 'authority',
  }
  assert.deepEqual(forCommands(ownEnvironment(env)), { PATH: '/bin', BUILDX_BUILDER: 'mine' })
  assert.equal(ownEnvironment(env)['BUILDER_NODE_0_AUTH_TLS_KEY'], 'secret')
})
