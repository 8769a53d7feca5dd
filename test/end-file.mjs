// node:test waits for a file as long as anything in it is open, even after its last test has failed. This ends such a
// file, so that the run ends red instead of not at all.
import { after } from 'node:test'

if (process.env['NODE_TEST_CONTEXT'] !== undefined)
  after(() => {
    setTimeout(() => {
      process.stderr.write('Something is still open 20 s after the last test of this file: ending it.\n')
      process.exit()
    }, 20_000).unref()
  })
