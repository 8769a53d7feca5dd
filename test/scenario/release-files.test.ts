/** Files that are deployed with the image: compose file, configuration, settings. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { assertGreen, errorsOf } from './expect.ts'
import { openSite, type Site, ship, webCompose } from './site.ts'

/** A service with a project file mounted into the container. Compose does not detect when the file changes. */
const mounted = (site: Pick<Site, 'image' | 'port'>): string =>
  webCompose(site, '    volumes: ["./conf/page.html:/www/index.html:ro"]\n')

test('a first deploy to a directory that does not exist needs only one run', async () => {
  await using site = await openSite('first', { empty: true })
  await site.server.exec('mkdir -p /srv && chown deploy: /srv')
  const source = {
    page: 'first',
    files: { 'compose.yaml': webCompose(site), 'conf/a.txt': 'a', 'bin/tool': '#!/bin/sh\n' },
    modes: { 'conf/a.txt': 0o640, 'bin/tool': 0o755 },
  }
  const dryRun = await ship(site, source, {
    with: { files: 'compose.yaml\nconf\nbin/tool', 'dry-run': true },
  })
  assertGreen(dryRun)
  assert.match(dryRun.log, /^ *upload compose\.yaml$/m)
  assert.equal((await site.server.exec(`ls -d ${site.directory}`)).stdout, '')
  assert.equal((await site.server.exec(remainingCopies)).stdout, '')
  const run = await ship(site, source, {
    with: { files: 'compose.yaml\nconf\nbin/tool', env: 'COLOUR=green' },
  })
  assertGreen(run)
  assert.match(run.summary, /\| Uploaded \| 3 files, 1 variable \|/)
  assert.match(
    run.summary,
    new RegExp(`\\| Created \\| \`${site.directory}\`, \`network ${site.name}_default\`, \`web\` \\|`),
  )
  assert.equal(await site.page(), 'first')
  assert.equal(await site.sh('cat conf/a.txt .env'), 'aCOLOUR=green\n')
  assert.equal(
    await site.sh('stat -c "%a %U %n" .env conf conf/a.txt bin/tool'),
    '600 deploy .env\n755 deploy conf\n640 deploy conf/a.txt\n755 deploy bin/tool\n',
  )
  await assertNothingLeft(site)
})

test('a first deploy uploads its compose file to a subdirectory that does not exist yet', async () => {
  await using site = await openSite('below', { empty: true })
  await site.server.exec(`mkdir -p ${site.directory} && chown deploy: ${site.directory}`)
  const compose = webCompose(site, '    env_file: ["../common.env", "./own.env"]\n')
  const files = { 'deploy/compose.yaml': compose, 'deploy/own.env': 'OWN=1\n', 'common.env': 'COMMON=1\n' }
  const inputs = { files: 'deploy\ncommon.env', 'compose-files': 'deploy/compose.yaml' }
  const run = await ship(site, { page: 'below', files }, { with: { ...inputs, 'project-name': site.name } })
  assertGreen(run)
  assert.equal(await site.page(), 'below')
  const inside = await site.sh(`docker inspect -f '{{json .Config.Env}}' ${(await site.running())[0]}`)
  assert.match(inside, /"COMMON=1"/)
  assert.match(inside, /"OWN=1"/)
  assert.equal(await site.sh('ls -A'), '.slipway\ncommon.env\ndeploy\n')
  await assertNothingLeft(site)
})

test('a change of a mounted file recreates the container; a failure restores all files', async () => {
  await using site = await openSite('config', { compose: mounted })
  await site.write('conf/page.html', 'by hand\n')
  await site.write('keep.txt', 'mine\n')
  const page = randomUUID()
  const files = (text: string) => ({ page, files: { 'conf/page.html': text } })
  assertGreen(await ship(site, files('one\n'), { with: { files: 'conf' } }))
  assert.equal(await site.page(), 'one')
  const [before] = await site.running()
  const again = { files: 'conf', build: false }
  assertGreen(await ship(site, files('one\n'), { with: again }))
  assert.deepEqual(await site.running(), [before], 'nothing changed: the container is kept')
  assertGreen(await ship(site, files('two\n'), { with: again }))
  assert.equal(await site.page(), 'two')
  assert.notDeepEqual(await site.running(), [before])
  const failing = {
    page,
    run: 'CMD ["sh", "-c", "exit 3"]',
    files: { 'conf/page.html': 'three\n', 'conf/more/x': 'x' },
  }
  const run = await ship(site, failing, { with: { files: 'conf', env: 'SECRET=hunter2-hunter2' } })
  assert.equal(run.conclusion, 'failure')
  assert.equal(run.outputs['rolled-back'], 'true')
  assert.equal(await site.page(), 'two')
  assert.equal(await site.sh('cat conf/page.html keep.txt'), 'two\nmine\n')
  assert.equal(
    await site.sh('ls -A | grep -v .slipway; ls conf'),
    'compose.yaml\nconf\nkeep.txt\npage.html\n',
  )
  assert.doesNotMatch(run.log, /hunter2/)
  await assertNothingLeft(site, 'hunter2')
})

test("rollback-to restores the release's compose file, settings and files", async () => {
  await using site = await openSite('back', { compose: mounted })
  const compose = (colour: string) =>
    `${mounted(site)}    environment: { FROM_FILE: ${colour}, FROM_ENV: "\${COLOUR}" }\n`
  const release = (colour: string, page = randomUUID()) => ({
    page,
    files: { 'compose.yaml': compose(colour), 'conf/page.html': `${colour}\n` },
  })
  const uploadOf = (colour: string) => ({
    with: { files: 'compose.yaml\nconf', env: `COLOUR=${colour}-value` },
  })
  const inside = async () =>
    (await site.sh(`docker inspect -f '{{json .Config.Env}}' ${(await site.running())[0]}`))
      .match(/FROM_\w+=[\w-]+/g)
      ?.sort()
  assertGreen(await ship(site, release('red'), uploadOf('red')))
  const first = await site.digests()
  assertGreen(await ship(site, release('blue'), uploadOf('blue')))
  assert.deepEqual([await site.page(), await inside()], ['blue', ['FROM_ENV=blue-value', 'FROM_FILE=blue']])
  const run = await ship(site, { page: '' }, { with: { 'rollback-to': 'previous', promote: 'stable' } })
  assert.equal(run.conclusion, 'success', run.log)
  assert.ok(run.annotations.some(({ message }) => /`promote` has no effect with `rollback-to`/.test(message)))
  assert.deepEqual(await site.digests(), first)
  assert.deepEqual([await site.page(), await inside()], ['red', ['FROM_ENV=red-value', 'FROM_FILE=red']])
  const before = await site.sh('cat compose.yaml .env conf/page.html')
  const failed = await ship(
    site,
    { page: '' },
    { with: { 'rollback-to': 'previous', 'host-after': 'false' } },
  )
  assert.equal(failed.outputs['rolled-back'], 'true', failed.log)
  assert.equal(await site.sh('cat compose.yaml .env conf/page.html'), before)
  assert.deepEqual([await site.page(), await inside()], ['red', ['FROM_ENV=red-value', 'FROM_FILE=red']])
  await assertNothingLeft(site)
})

test('a project may refer to files outside its directory', async () => {
  await using site = await openSite('beside', {
    compose: all => webCompose(all, '    env_file: ["../common-beside.env"]\n'),
  })
  await site.sh('echo COMMON=yes >../common-beside.env')
  const source = { page: 'beside', files: { 'conf/a': 'a' } }
  assertGreen(await ship(site, source, { with: { files: 'conf', env: 'A=1' } }))
  assert.match(
    await site.sh(`docker inspect -f '{{json .Config.Env}}' ${(await site.running())[0]}`),
    /COMMON=yes/,
  )
  const linked = 'mkdir -p shared && mv .env shared/ && ln -s shared/.env .env'
  await site.sh(linked)
  const refused = await ship(site, source, { with: { env: 'A=2' } })
  assert.match(errorsOf(refused)[0]?.message ?? '', /\.env is a symbolic link to shared\/\.env/)
  assert.doesNotMatch(refused.log, /buildx build/)
  await site.sh('rm ../common-beside.env')
})

test('an invalid compose file is rejected before anything changes', async () => {
  await using site = await openSite('bad')
  assertGreen(await ship(site, { page: 'good' }))
  const before = [await site.sh('cat compose.yaml'), await site.running()]
  const run = await ship(
    site,
    { page: 'bad', files: { 'compose.yaml': 'services:\n  web:\n    imagee: x\n' } },
    { with: { files: 'compose.yaml' } },
  )
  assert.equal(run.conclusion, 'failure')
  assert.match(errorsOf(run)[0]?.title ?? '', /preflight/)
  assert.match(run.log, /imagee/)
  assert.doesNotMatch(run.log, /buildx build/)
  assert.deepEqual([await site.sh('cat compose.yaml'), await site.running()], before)
  assert.equal(await site.page(), 'good')
})

/** Values for an env file with every character that is special to a parser. */
const values: Readonly<Record<string, string>> = {
  PLAIN: 'a-b_c.d/e:f@g',
  DOLLAR: '$HOME ${HOME} $$ ${X:-y}',
  QUOTES: `it's "so"`,
  HASH: 'a # b#c',
  BACKSLASH: 'c:\\new\\table\\',
  SPACES: '  two  and  three  ',
  LINES: 'one\ntwo "three"\n\nfour',
  UNICODE: 'žluťoučký 日本 🚢',
  EQUALS: 'a=b=c',
  BACKTICK: '`id` $(id)',
  EMPTY: '',
}

for (const server of ['modern', 'old'] as const) {
  test(`every kind of value reaches the container unchanged (${server})`, async () => {
    await using site = await openSite('env', {
      server,
      compose: all =>
        webCompose(all, '    env_file: .env\n').replace(/ {4}healthcheck:[\s\S]*?retries: 3\n/, ''),
    })
    const kept = '# mine\nKEPT=\'a  b\'\nexport  PLAIN=old\nMULTI="x\nPLAIN=inside\ny"\nlast=1'
    await site.write('.env', kept)
    const env = Object.entries(values).map(([name, value]) => `${name}<<EOF\n${value}\nEOF`)
    const run = await ship(
      site,
      {
        page: 'env',
        run: 'CMD ["sh", "-c", "env -0 2>/dev/null >/www/env || cat /proc/$$/environ >/www/env; exec httpd -f -p 8080 -h /www"]',
      },
      { with: { env: env.join('\n') } },
    )
    assertGreen(run)
    const inside = (await site.page('env'))?.split('\0') ?? []
    for (const [name, value] of Object.entries(values))
      assert.ok(
        inside.includes(`${name}=${value}`),
        `${name}: ${inside.filter(each => each.startsWith(name))}`,
      )
    assert.ok(inside.includes('KEPT=a  b'))
    const text = await site.sh('cat .env')
    assert.ok(text.startsWith("# mine\nKEPT='a  b'\nexport PLAIN="), text)
    assert.ok(text.includes('MULTI="x\nPLAIN=inside\ny"\nlast=1\n'), text)
    assert.equal((await site.sh('stat -c %a .env')).trim(), '600')
    assert.doesNotMatch(run.log, /žluťoučký|new.table/)
    await assertNothingLeft(site)
  })
}

/**
 * Lists the remaining temporary directories in which preflight checks the files. Those of a concurrent run disappear
 * within seconds.
 */
const remainingCopies =
  'for copy in /tmp/slipway.*; do [ ! -e "$copy" ] || { sleep 8; ls -d "$copy" 2>/dev/null; }; done; :'

/** Asserts that a run leaves no temporary files on the server, and no copy of `secret`. */
async function assertNothingLeft(site: Site, secret = '\0'): Promise<void> {
  const found = await site.sh(
    `find .slipway -name payload -o -name "shadow*" -o -name settings; ${remainingCopies}`,
  )
  assert.equal(found.replaceAll(/^.*releases.*$/gm, '').trim(), '')
  if (secret !== '\0') assert.equal(await site.sh(`grep -rl ${secret} . || :`), '')
}
