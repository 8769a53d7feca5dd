import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A Git server with one private repository, which requires the token over HTTP. */
export interface GitServer extends AsyncDisposable {
  readonly url: string
  /** The commit of its branch `main`. */
  readonly sha: string
}

/** Serves the repository `octo/app` with these files, at an address that the engines of the rig can reach. */
export async function gitServer(
  address: string,
  token: string,
  files: Readonly<Record<string, string>>,
): Promise<GitServer> {
  const root = mkdtempSync(join(tmpdir(), 'slipway-git-'))
  const repository = join(root, 'octo', 'app.git')
  const sha = commit(repository, files)
  const expected = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
  const server = createServer((request, response) => {
    if (request.headers.authorization?.toLowerCase() === expected.toLowerCase())
      return backend(root, request, response)
    return response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end()
  })
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    sha,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      rmSync(root, { recursive: true })
    },
  }
}

function commit(repository: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(repository, { recursive: true })
  const who = ['-c', 'user.name=octo', '-c', 'user.email=octo@example.com', '-c', 'init.defaultBranch=main']
  const git = (...args: string[]) =>
    execFileSync('git', [...who, ...args], { cwd: repository, encoding: 'utf8' })
  git('init', '--quiet')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repository, name)), { recursive: true })
    writeFileSync(join(repository, name), text)
  }
  git('add', '.')
  git('commit', '--quiet', '--message', 'All of it')
  return git('rev-parse', 'HEAD').trim()
}

/** Answers a request with Git's own CGI program: https://git-scm.com/docs/git-http-backend */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '', 'http://x')
  const child = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      HTTP_GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  child.stdout.on('data', chunk => chunks.push(chunk))
  child.on('close', () => answer(Buffer.concat(chunks), response))
}

/** Sends a CGI response: headers, an empty line, and the body. */
function answer(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf('\r\n\r\n')
  const headers = output.subarray(0, end).toString().split('\r\n')
  for (const header of headers) {
    const [name = '', value = ''] = header.split(': ')
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10)
    else if (name !== '') response.setHeader(name, value)
  }
  response.end(output.subarray(end + 4))
}
