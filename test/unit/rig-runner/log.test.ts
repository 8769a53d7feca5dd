import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Log } from '../../rig/runner/log.ts'
import { Masks } from '../../rig/runner/masks.ts'

function read(...lines: string[]): Log {
  const log = new Log(new Masks())
  for (const line of lines) log.take(line)
  return log
}

describe('a log', () => {
  it('shows groups, and keeps their lines', () => {
    const log = read('::group::Build', 'one', '::endgroup::', 'two')
    assert.deepEqual(log.lines, ['##[group]Build', 'one', '##[endgroup]', 'two'])
    assert.deepEqual(log.groups, [{ title: 'Build', lines: ['one'] }])
  })

  it('hides what is masked from then on, everywhere', () => {
    const log = read('early s3cret', '::add-mask::s3cret', 'late s3cret', '::error title=s3cret::a s3cret')
    assert.deepEqual(log.lines, ['early s3cret', 'late ***', '##[error]a ***'])
    assert.deepEqual(log.annotations, [{ level: 'error', message: 'a ***', title: '***' }])
    assert.equal(log.raw[1], '::add-mask::s3cret')
  })

  it('reads annotations with their place', () => {
    const log = read('::warning file=compose.yaml,line=3,col=5::Oh')
    assert.deepEqual(log.annotations, [
      { level: 'warning', message: 'Oh', file: 'compose.yaml', line: 3, col: 5 },
    ])
  })

  it('obeys nothing between a stop and its token', () => {
    const log = read(
      '::stop-commands::t0k3n',
      '::set-output name=a::1',
      '##[error]no',
      '::t0k3n::',
      '::notice::yes',
    )
    assert.deepEqual(log.outputs, new Map())
    assert.deepEqual(log.annotations, [{ level: 'notice', message: 'yes' }])
    assert.equal(log.lines[1], '::set-output name=a::1')
  })

  it('obeys old commands as GitHub does, which is why foreign output must not hold any', () => {
    const log = read('::set-output name=a::1', '::save-state name=b::2', '::set-env name=c::3')
    assert.deepEqual(log.outputs, new Map([['a', '1']]))
    assert.deepEqual(log.state, new Map([['b', '2']]))
    assert.match(log.lines[2] ?? '', /##\[error\]The `set-env` command is disabled/)
  })
})
