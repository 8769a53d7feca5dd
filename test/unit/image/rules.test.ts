// The expected tags are those of docker/metadata-action for the same rule and event, from its documentation and its
// tests.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EventName, events, planned } from './events.ts'

type Row = readonly [rule: string, event: EventName, expected: readonly string[]]

const schedule: readonly Row[] = [
  ['type=schedule', 'schedule', ['nightly']],
  ['type=schedule', 'default branch', []],
  ['type=schedule', 'dispatch', []],
  ['type=schedule,pattern=weekly', 'schedule', ['weekly']],
  ["type=schedule,pattern={{date 'YYYYMMDD'}}", 'schedule', ['20200110']],
  ["type=schedule,pattern={{date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}}", 'schedule', ['20200110-093005']],
  ["type=schedule,prefix=n-,suffix=-x,pattern={{date 'YYYY'}}", 'schedule', ['n-2020-x']],
]

const semver: readonly Row[] = [
  ['type=semver,pattern={{version}}', 'version tag', ['1.2.3', 'latest']],
  ['type=semver,pattern={{raw}}', 'version tag', ['v1.2.3', 'latest']],
  ['type=semver,pattern={{major}}.{{minor}}', 'version tag', ['1.2', 'latest']],
  ['type=semver,pattern=v{{major}}', 'version tag', ['v1', 'latest']],
  ['type=semver,pattern={{minor}}-{{patch}}', 'version tag', ['2-3', 'latest']],
  ['type=semver,pattern={{version}}', 'release', ['1.2.3', 'latest']],
  ['type=semver,pattern={{version}}', 'prerelease tag', ['2.0.8-beta.67']],
  ['type=semver,pattern={{raw}}', 'prerelease tag', ['v2.0.8-beta.67']],
  ['type=semver,pattern={{major}}.{{minor}}', 'prerelease tag', ['2.0.8-beta.67']],
  ['type=semver,pattern=v{{raw}}', 'prerelease tag', ['2.0.8-beta.67']],
  ['type=semver,pattern={{version}},prefix=a-,suffix=-b', 'prerelease tag', ['a-2.0.8-beta.67-b']],
  ['type=semver,pattern={{major}}', 'early tag', ['0', 'latest']],
  ['type=semver,pattern={{version}}', 'default branch', []],
  ['type=semver,pattern={{version}}', 'pull request', []],
  ['type=semver,pattern={{version}}', 'other tag', []],
  ['type=semver,pattern={{version}}', 'scoped tag', []],
  ['type=semver,pattern={{version}},match=p1/v(.*)', 'scoped tag', ['1.2.3', 'latest']],
  ['type=semver,pattern={{version}},value=v5.6.7', 'default branch', ['5.6.7', 'latest']],
  ['type=semver,pattern={{version}},value=v5.6.7-rc.1', 'schedule', ['5.6.7-rc.1']],
]

const pep440: readonly Row[] = [
  ['type=pep440,pattern={{version}}', 'version tag', ['1.2.3', 'latest']],
  ['type=pep440,pattern={{raw}}', 'version tag', ['v1.2.3', 'latest']],
  ['type=pep440,pattern={{major}}.{{minor}}', 'version tag', ['1.2', 'latest']],
  ['type=pep440,pattern={{version}}', 'short tag', ['1.2', 'latest']],
  ['type=pep440,pattern={{version}}', 'Python tag', ['1.2.3rc2']],
  ['type=pep440,pattern={{major}}.{{minor}}', 'Python tag', ['1.2.3rc2']],
  ['type=pep440,pattern={{major}}.{{minor}}', 'post tag', ['1.2.3.post1']],
  ['type=pep440,pattern={{raw}}', 'post tag', ['1.2.3post1']],
  ['type=pep440,pattern={{version}},value=1.0dev4', 'branch', ['1.0.dev4']],
  ['type=pep440,pattern={{version}},value=1.2.3beta2', 'branch', ['1.2.3b2']],
  ['type=pep440,pattern={{version}}', 'other tag', []],
  ['type=pep440,pattern={{version}}', 'branch', []],
]

const match: readonly Row[] = [
  ['type=match,pattern=\\d.\\d.\\d', 'version tag', ['1.2.3', 'latest']],
  ['type=match,pattern=v(.*),group=1', 'prerelease tag', ['2.0.8-beta.67', 'latest']],
  ['type=match,pattern=v(\\d.\\d),group=1', 'prerelease tag', ['2.0', 'latest']],
  ['type=match,pattern=/V(.*)/i,group=1', 'version tag', ['1.2.3', 'latest']],
  ['type=match,pattern=\\d+', 'dated tag', ['20200110', 'latest']],
  ['type=match,pattern=p1/v(\\d.\\d.\\d),group=1', 'scoped tag', ['1.2.3', 'latest']],
  ['type=match,"pattern=\\d{1,8}-RC",group=0', 'dated tag', ['20200110-RC', 'latest']],
  ['"type=match,""pattern=\\d{1,8}-RC"""', 'dated tag', ['20200110-RC', 'latest']],
  ['type=match,pattern=v(.*),group=1,value=v9', 'branch', ['9', 'latest']],
  ['type=match,pattern=v(.*),group=3', 'version tag', []],
  ['type=match,pattern=x(.*),group=1', 'version tag', []],
  ['type=match,pattern=.*', 'branch', []],
]

const edge: readonly Row[] = [
  ['type=edge', 'default branch', ['edge']],
  ['type=edge', 'schedule', ['edge']],
  ['type=edge', 'branch', []],
  ['type=edge', 'version tag', []],
  ['type=edge,branch=my/branch', 'branch', ['edge']],
  ['type=edge,branch=my/branch', 'dispatch', ['edge']],
  ['type=edge,branch=my/branch', 'default branch', []],
]

const ref: readonly Row[] = [
  ['type=ref,event=branch', 'default branch', ['main']],
  ['type=ref,event=branch', 'branch', ['my-branch']],
  ['type=ref,event=branch', 'odd branch', ['a-b-c']],
  ['type=ref,event=branch', 'dispatch', ['my-branch']],
  ['type=ref,event=branch', 'schedule', ['main']],
  ['type=ref,event=branch', 'merge group', ['gh-readonly-queue-main-pr-7-0f1e2d']],
  ['type=ref,event=branch', 'version tag', []],
  ['type=ref,event=branch', 'pull request', []],
  ['type=ref,event=branch', 'pull request target', []],
  ['type=ref,event=tag', 'version tag', ['v1.2.3', 'latest']],
  ['type=ref,event=tag', 'prerelease tag', ['v2.0.8-beta.67', 'latest']],
  ['type=ref,event=tag', 'scoped tag', ['p1-v1.2.3', 'latest']],
  ['type=ref,event=tag', 'release', ['v1.2.3', 'latest']],
  ['type=ref,event=tag', 'branch', []],
  ['type=ref,event=pr', 'pull request', ['pr-7']],
  ['type=ref,event=pr', 'pull request target', ['pr-7']],
  ['type=ref,event=pr,prefix=mr-,suffix=-x', 'pull request', ['mr-7-x']],
  ['type=ref,event=pr,prefix=', 'pull request', ['7']],
  ['type=ref,event=pr', 'default branch', []],
]

const raw: readonly Row[] = [
  ['type=raw,value=foo', 'branch', ['foo']],
  ['type=raw,foo', 'version tag', ['foo']],
  ['foo', 'pull request', ['foo']],
  ['foo,bar', 'schedule', ['foo', 'bar']],
  ['type=raw,value=a b  c!!d', 'branch', ['a-b-c-d']],
  ['type=raw,value=mytag-{{branch}}-{{sha}}', 'branch', ['mytag-my-branch-860c190']],
  ['type=raw,value={{branch}}', 'odd branch', ['a-amp-b-x3D-c']],
  ['type=raw,value={{{branch}}}', 'odd branch', ['a-b-c']],
  ['type=raw,value={{tag}}', 'scoped tag', ['p1-v1.2.3']],
  ['type=raw,value={{tag}}', 'branch', []],
  ['type=raw,value={{base_ref}}', 'version tag', ['main']],
  ['type=raw,value={{base_ref}}', 'pull request', ['main']],
  ['type=raw,value={{base_ref}}', 'branch', []],
  ["type=raw,value={{commit_date 'YYYYMMDD'}}", 'branch', ['20191231']],
  ["{{date 'YYYY/MM'}}", 'branch', ['2020-01']],
  ['type=raw,value=latest,enable={{is_default_branch}}', 'default branch', ['latest']],
  ['type=raw,value=latest,enable={{is_default_branch}}', 'schedule', ['latest']],
  ['type=raw,value=latest,enable={{is_default_branch}}', 'branch', []],
  ['type=raw,value=latest,enable={{is_default_branch}}', 'version tag', []],
  ['type=raw,value=x,enable={{is_not_default_branch}}', 'branch', ['x']],
  ['type=raw,value=x,enable=false', 'branch', []],
]

const commit: readonly Row[] = [
  ['type=sha', 'branch', ['sha-860c190']],
  ['type=sha', 'pull request', ['sha-860c190']],
  ['type=sha', 'schedule', ['sha-860c190']],
  ['type=sha,format=long', 'version tag', ['sha-860c1904a1ce19322e91ac35af1ab07466440c37']],
  ['type=sha,prefix=', 'branch', ['860c190']],
  ['type=sha,prefix={{branch}}-', 'branch', ['my-branch-860c190']],
]

for (const rows of [schedule, semver, pep440, match, edge, ref, raw, commit]) {
  for (const [rule, name, expected] of rows) {
    test(`tags: ${rule}: ${name}`, async () => {
      const plan = await planned({ image: 'user/app', tags: rule }, events[name])
      assert.deepEqual(plan.findings.problems, [])
      assert.deepEqual(plan.tagNames, expected)
      assert.deepEqual(
        plan.tags,
        expected.map(tag => `user/app:${tag}`),
      )
      assert.equal(plan.version, expected[0] ?? '')
    })
  }
}
