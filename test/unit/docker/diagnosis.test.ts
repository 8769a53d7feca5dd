import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, type Kind, lastError } from '../../../src/docker/diagnosis.ts'

const failed = (line: string) => `ERROR: failed to build: failed to solve: ${line}`
const push = 'failed to push ghcr.io/me/app:1: '

/** Verbatim error messages of buildx, BuildKit, the engine and registries. */
const messages: readonly {
  name: string
  stderr: string
  code?: number | null
  kind: Kind
  cause?: RegExp
}[] = [
  // Temporary errors of a registry or the network.
  {
    name: '503',
    stderr: failed(
      `${push}unexpected status from PUT request to https://ghcr.io/v2/me/app/blobs/upload/1: 503 Service Unavailable`,
    ),
    kind: 'transient',
    cause: /503 Service Unavailable\.$/,
  },
  {
    name: '500 reported by the engine',
    stderr: 'ERROR: failed to build: received unexpected HTTP status: 500 Internal Server Error',
    kind: 'transient',
  },
  {
    name: '502 for a token',
    stderr: failed(
      `${push}failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://ghcr.io/token?scope=x: 502 Bad Gateway`,
    ),
    kind: 'transient',
  },
  {
    name: '429',
    stderr: failed(
      `${push}unexpected status from HEAD request to https://ghcr.io/v2/me/app/blobs/sha256:0: 429 Too Many Requests`,
    ),
    kind: 'transient',
  },
  {
    name: '429 with a message',
    stderr: failed(`${push}toomanyrequests: retry-after: 1ms, allowed: 44000/minute`),
    kind: 'transient',
  },
  {
    name: 'connection reset',
    stderr: failed(
      `${push}failed to copy: failed to do request: Put "https://ghcr.io/v2/": write tcp 10.1.0.4:5->140.82.121.34:443: write: connection reset by peer`,
    ),
    kind: 'transient',
  },
  { name: 'broken pipe', stderr: failed(`${push}failed to copy: io: write: broken pipe`), kind: 'transient' },
  {
    name: 'end of file',
    stderr: failed(`${push}failed to do request: Head "https://ghcr.io/v2/": EOF`),
    kind: 'transient',
  },
  {
    name: 'timeout of a DNS server',
    stderr: failed(
      'docker/dockerfile:1: failed to resolve source metadata for docker.io/docker/dockerfile:1: failed to do request: Head "https://registry-1.docker.io/v2/docker/dockerfile/manifests/1": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: read udp 127.0.0.1:1->127.0.0.53:53: i/o timeout',
    ),
    kind: 'transient',
  },
  {
    name: 'timeout of the TLS handshake',
    stderr: failed(
      'node:24: failed to do request: Head "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout',
    ),
    kind: 'transient',
  },
  { name: 'deadline', stderr: failed('DeadlineExceeded: context deadline exceeded'), kind: 'transient' },
  {
    name: 'timeout of a login',
    stderr:
      'Error response from daemon: Get "https://ghcr.io/v2/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    kind: 'transient',
  },
  {
    name: 'HTTP/2 GOAWAY',
    stderr: failed('http2: server sent GOAWAY and closed the connection; LastStreamID=1'),
    kind: 'transient',
  },
  {
    name: 'builder gone',
    stderr:
      'ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
    kind: 'transient',
  },
  {
    name: 'connection refused',
    stderr:
      'Error response from daemon: Get "https://10.0.0.1:5000/v2/": dial tcp 10.0.0.1:5000: connect: connection refused',
    kind: 'transient',
  },
  {
    name: 'cache export',
    stderr: failed(
      'error writing layer blob: rpc error: code = Unknown desc = received status 503 Service Unavailable',
    ),
    kind: 'transient',
  },
  {
    name: 'connection reset, for a base image',
    stderr: failed(
      'failed to compute cache key: failed to copy: read tcp 10.1.0.4:5->104.16.98.215:443: read: connection reset by peer',
    ),
    kind: 'transient',
  },
  {
    name: 'timeout of the TLS handshake, for a base image',
    stderr: failed(
      'failed to compute cache key: failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://production.cloudflare.docker.com/registry-v2/": net/http: TLS handshake timeout',
    ),
    kind: 'transient',
  },
  {
    name: '503 for a base image',
    stderr: failed(
      'failed to compute cache key: failed to copy: httpReadSeeker: failed open: unexpected status code https://ghcr.io/v2/me/base/blobs/sha256:0: 503 Service Unavailable',
    ),
    kind: 'transient',
  },
  {
    name: 'broken pipe while reading the Dockerfile',
    stderr: failed('failed to read dockerfile: failed to load cache key: write unix @->/run/x: broken pipe'),
    kind: 'transient',
  },
  {
    name: 'connection reset, for a token',
    stderr: failed(
      `${push}failed to authorize: failed to fetch oauth token: Post "https://auth.docker.io/token": read tcp 10.1.0.4:5->44.208.254.194:443: read: connection reset by peer`,
    ),
    kind: 'transient',
  },
  {
    name: 'timeout for an anonymous token',
    stderr: failed(
      'node:24: failed to authorize: failed to fetch anonymous token: Get "https://auth.docker.io/token?scope=x": net/http: TLS handshake timeout',
    ),
    kind: 'transient',
  },

  // The registry denies access.
  {
    name: 'ghcr.io, after a step that reported a full disk but succeeded',
    stderr: `#7 0.3 tar: write error: No space left on device\n${failed(`${push}denied: permission_denied: write_package`)}`,
    kind: 'denied',
  },
  {
    name: 'a token, without a reason',
    stderr: failed(`${push}failed to authorize: failed to fetch oauth token: no such user`),
    kind: 'denied',
  },
  {
    name: 'ghcr.io without write access',
    stderr: failed(`${push}denied: permission_denied: write_package`),
    kind: 'denied',
  },
  {
    name: 'ghcr.io without permission to create a package',
    stderr: failed(`${push}denied: installation not allowed to Create organization package`),
    kind: 'denied',
  },
  {
    name: '403',
    stderr: failed(
      `${push}unexpected status from POST request to https://ghcr.io/v2/me/app/blobs/uploads/: 403 Forbidden`,
    ),
    kind: 'denied',
  },
  {
    name: 'Docker Hub',
    stderr: failed(
      'failed to push me/app:1: push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ),
    kind: 'denied',
  },
  {
    name: 'the engine',
    stderr: 'ERROR: failed to build: denied: requested access to the resource is denied',
    kind: 'denied',
  },
  {
    name: 'no login',
    stderr: failed(
      `${push}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 401 Unauthorized`,
    ),
    kind: 'denied',
  },
  {
    name: 'a wrong password',
    stderr:
      'Error response from daemon: login attempt to http://10.77.0.1:5000/v2/ failed with status: 401 Unauthorized',
    kind: 'denied',
  },
  {
    name: 'a private base image',
    stderr: failed(
      'me/base:1: failed to resolve source metadata for docker.io/me/base:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ),
    kind: 'denied',
  },
  {
    name: 'too many pulls',
    stderr: failed(
      'node:24: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.',
    ),
    kind: 'rate-limit',
  },
  {
    name: 'too many pulls of a base image',
    stderr: failed(
      'failed to compute cache key: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.',
    ),
    kind: 'rate-limit',
  },

  // The address, the certificate or the protocol is wrong.
  {
    name: 'a host that does not exist',
    stderr: failed(
      'nope.example/app:1: failed to do request: Head "https://nope.example/v2/": dial tcp: lookup nope.example on 127.0.0.53:53: no such host',
    ),
    kind: 'unknown-host',
  },
  {
    name: 'an untrusted certificate',
    stderr: failed(
      `${push}failed to do request: Head "https://10.0.0.1/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    ),
    kind: 'certificate',
  },
  {
    name: 'no TLS',
    stderr: failed(
      `${push}failed to do request: Head "https://10.0.0.1:5000/v2/": http: server gave HTTP response to HTTPS client`,
    ),
    kind: 'plain-http',
  },
  {
    name: 'an image that does not exist',
    stderr: failed(
      'node:nope: failed to resolve source metadata for docker.io/library/node:nope: docker.io/library/node:nope: not found',
    ),
    kind: 'not-found',
  },

  // The Dockerfile is wrong.
  {
    name: 'a failed step',
    stderr: failed('process "/bin/sh -c npm test" did not complete successfully: exit code: 1'),
    kind: 'dockerfile',
    cause: /npm test/,
  },
  {
    name: 'a step that lost its own connection',
    stderr: `#9 1.2 npm error network read ECONNRESET connection reset by peer\n${failed('process "/bin/sh -c npm ci" did not complete successfully: exit code: 1')}`,
    kind: 'dockerfile',
  },
  {
    name: 'an unknown instruction',
    stderr: failed('dockerfile parse error on line 3: unknown instruction: RUNN'),
    kind: 'dockerfile',
  },
  {
    name: 'a missing file to copy',
    stderr: failed(
      'failed to compute cache key: failed to calculate checksum of ref 1::2: "/dist": not found',
    ),
    kind: 'dockerfile',
  },
  {
    name: 'a missing file to copy whose name looks like another error',
    stderr: failed(
      'failed to compute cache key: failed to calculate checksum of ref 1::2: "/denied/EOF": not found',
    ),
    kind: 'dockerfile',
  },
  {
    name: 'another error of a file to copy',
    stderr: failed('failed to compute cache key: too many links'),
    kind: 'dockerfile',
  },
  {
    name: 'a step whose command contains `OOM`',
    stderr: failed('process "/bin/sh -c make ZOOM OOM" did not complete successfully: exit code: 2'),
    kind: 'dockerfile',
  },
  {
    name: 'no Dockerfile',
    stderr: failed('failed to read dockerfile: open Dockerfile: no such file or directory'),
    kind: 'dockerfile',
  },
  {
    name: 'a repository that the token cannot read',
    stderr: failed(
      "failed to read dockerfile: failed to fetch remote https://github.com/me/app.git: git stderr:\nremote: Repository not found.\nfatal: Authentication failed for 'https://github.com/me/app.git/': exit status 128",
    ),
    kind: 'denied',
    cause: /git stderr: remote: Repository not found\.$/,
  },
  {
    name: 'a Git server that closes the connection',
    stderr: failed(
      'failed to fetch remote https://github.com/me/app.git: git stderr:\nfatal: the remote end hung up unexpectedly: exit status 128',
    ),
    kind: 'transient',
  },
  { name: 'a missing stage', stderr: failed('target stage "prod" could not be found'), kind: 'dockerfile' },
  {
    name: 'the warnings of a check',
    stderr: 'Check complete, 3 warnings have been found!\n\nWARNING: FromAsCasing - https://docs.docker.com/',
    kind: 'dockerfile',
    cause: /check/,
  },

  // The machine runs out of memory or disk space, or lacks an emulator.
  {
    name: 'a step that was killed',
    stderr: failed('process "/bin/sh -c make -j64" did not complete successfully: exit code: 137'),
    kind: 'out-of-memory',
  },
  {
    name: 'no memory',
    stderr: failed(
      'ResourceExhausted: process "/bin/sh -c make" did not complete successfully: cannot allocate memory',
    ),
    kind: 'out-of-memory',
  },
  {
    name: 'a step that the kernel killed',
    stderr: failed('process "/bin/sh -c make" did not complete successfully: OOMKilled'),
    kind: 'out-of-memory',
  },
  {
    name: 'a message that is too large',
    stderr:
      'ERROR: failed to receive status: rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5120011 vs. 4194304)',
    kind: 'unknown',
  },
  { name: 'docker itself is killed, without output', stderr: '', code: 137, kind: 'out-of-memory' },
  {
    name: 'a full disk',
    stderr: failed('failed to copy files: copy file range failed: no space left on device'),
    kind: 'disk-full',
  },
  {
    name: 'a full disk, in a step',
    stderr: `#7 0.3 tar: write error: No space left on device\n${failed('process "/bin/sh -c tar x" did not complete successfully: exit code: 1')}`,
    kind: 'disk-full',
  },
  {
    name: 'an emulator that crashes',
    stderr: `#11 3.1 qemu: uncaught target signal 11 (Segmentation fault) - core dumped\n${failed('process "/bin/sh -c apt-get update" did not complete successfully: exit code: 139')}`,
    kind: 'emulator',
  },
  {
    name: 'no emulator',
    stderr: failed(
      'process "/bin/sh -c echo" did not complete successfully: exec /bin/sh: exec format error',
    ),
    kind: 'emulator',
  },
  {
    name: 'no emulator, in a step',
    stderr: `#6 0.1 exec /bin/sh: exec format error\n${failed('process "/bin/sh -c echo" did not complete successfully: exit code: 255')}`,
    kind: 'emulator',
  },

  {
    name: 'a driver without multi-platform builds',
    stderr:
      'ERROR: failed to build: Multi-platform build is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.',
    kind: 'unsupported',
  },
  ...[
    'push-by-digest is currently not implemented for docker driver, please create a new builder instance',
    'failed to solve: exporter option "rewrite-timestamp" conflicts with "unpack"',
    'failed to solve: image "ghcr.io/octo/app:1": already exists',
  ].map(text => ({
    name: `the engine's own builder: ${text}`,
    stderr: `ERROR: failed to build: ${text}`,
    kind: 'unsupported' as const,
  })),
  {
    name: 'something else',
    stderr: 'ERROR: something new',
    kind: 'unknown',
    cause: /exit code 1: something new\.$/,
  },
  { name: 'nothing at all', stderr: '', kind: 'unknown' },
  { name: 'killed from outside', stderr: '', code: null, kind: 'unknown', cause: /was ended/ },
]

for (const { name, stderr, code = 1, kind, cause = /./ } of messages) {
  test(`${kind}: ${name}`, () => {
    const diagnosis = diagnose({ code, stdout: '', stderr })
    assert.equal(diagnosis.kind, kind)
    assert.match(diagnosis.cause, cause)
    assert.doesNotMatch(diagnosis.cause, /\{error\}|\.\.$/)
    assert.ok(kind === 'unknown' || diagnosis.remedy)
  })
}

test('lastError returns the last error with all its lines', () => {
  assert.equal(lastError('ERROR: one\n#1 DONE\nERROR: two\nthree\n'), 'ERROR: two\nthree')
})
