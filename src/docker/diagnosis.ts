import type { Outcome } from '../core/command.ts'

/** Why a docker command failed. */
export interface Diagnosis {
  readonly kind: Kind
  /** What went wrong, in a sentence. */
  readonly cause: string
  readonly remedy?: string
}

export type Kind =
  /** Not the user's fault, and a retry may succeed. */
  | 'transient'
  | 'denied'
  | 'rate-limit'
  | 'not-found'
  | 'unknown-host'
  | 'certificate'
  | 'plain-http'
  | 'out-of-memory'
  | 'disk-full'
  | 'emulator'
  | 'dockerfile'
  | 'unsupported'
  | 'unknown'

/**
 * Judges a command that did not end well by its exit code and by what it said last. What a RUN step printed on its
 * way counts only where the error is that step's: an `npm install` that lost its connection is no lost push.
 */
export function diagnose({ code, stdout, stderr }: Outcome): Diagnosis {
  const output = `${stdout}\n${stderr}`
  const error = lastError(output)
  const printed = { error, output, step: error.includes(step) ? output : error }
  const found = rules.find(({ pattern, within = 'error' }) => pattern.test(printed[within]))
  if (found !== undefined) {
    const { kind, cause, remedy } = found
    const sentence = cause.replace('{error}', () => brief(error))
    return { kind, cause: sentence, ...(remedy === undefined ? {} : { remedy }) }
  }
  if (code === 137) return killed
  const ended = code === null ? 'was ended before it was done' : `failed with exit code ${code}`
  const said = brief(error)
  return { kind: 'unknown', cause: said === '.' ? `docker ${ended}.` : `docker ${ended}: ${said}` }
}

const killed: Diagnosis = {
  kind: 'out-of-memory',
  cause: 'docker was killed (exit code 137): most likely the runner ran out of memory.',
  remedy: 'Let the build use less memory at once, or take a larger runner.',
}

/** Returns docker's last error: from the last `ERROR:` on, else the last lines. */
export function lastError(output: string): string {
  const lines = output.trimEnd().split('\n')
  const start = lines.findLastIndex(line =>
    /^(?:ERROR: |Error(?: response from daemon)?: |error: )/.test(line),
  )
  return start === -1 ? lines.slice(-5).join('\n') : lines.slice(start).join('\n')
}

/** Returns the first line of an error without its common prefixes, as the end of a sentence. */
const brief = (error: string): string =>
  firstLine(error)
    .replace(/^(?:ERROR|Error|error)(?: response from daemon)?: /, '')
    .replace(/^(?:failed to (?:build|solve): )+/, '')
    // The state of an upload in the URL is long, and says nothing.
    .replaceAll(/(https?:\/\/[^\s"?]+)\?[^\s"]+/g, '$1?…')
    .replace(/[.\s]*$/, '.')

/** Returns the first line; for a git error, the line with git's own words is added. */
function firstLine(error: string): string {
  const [first = '', ...rest] = error.split('\n')
  const fatal = rest.find(line => /^(?:fatal|remote|error): /.test(line)) ?? rest[0]
  return first.trimEnd().endsWith('git stderr:') && fatal !== undefined
    ? `${first.trimEnd()} ${fatal}`
    : first
}

interface Rule extends Diagnosis {
  readonly pattern: RegExp
  /** Where to search: in docker's own error, in the output of a failed step, or in the whole output. */
  readonly within?: 'error' | 'step' | 'output'
}

/** A step of the Dockerfile failed; its output says why. */
const step = 'did not complete successfully: '

const wrongDockerfile = {
  cause: 'The Dockerfile could not be built: {error}',
  remedy: 'The lines below are what the step printed; the same Dockerfile fails with `docker build` too.',
}

const refused = {
  cause: 'The registry refused: {error}',
  remedy:
    'Check `registry-username` and `registry-password`; for ghcr.io give the job `permissions: packages: write`, and the repository write access in the settings of the package.',
}

/** The first rule that matches wins. `{error}` stands for docker's own words. */
const rules: readonly Rule[] = [
  {
    kind: 'dockerfile',
    pattern: /^Check complete, \d+ warnings? ha(?:s|ve) been found/m,
    within: 'output',
    cause: 'The check of the Dockerfile found something.',
    remedy:
      'Mend what is listed below, or name the check under `# check=skip=` at the top of the Dockerfile.',
  },
  {
    kind: 'disk-full',
    pattern: /no space left on device/i,
    within: 'step',
    cause: 'The disk is full: {error}',
    remedy:
      'Free space before this step (`docker system prune`, or remove tools of the hosted image), or use a larger disk.',
  },
  {
    kind: 'emulator',
    pattern: /qemu: uncaught target signal 11|qemu:.*Segmentation fault/i,
    within: 'step',
    cause: 'The emulator of a foreign platform crashed (signal 11): {error}',
    remedy:
      'Build that platform on a native runner or node (`append`), cross-compile with `FROM --platform=$BUILDPLATFORM`, or try another `qemu-image`.',
  },
  {
    kind: 'emulator',
    pattern: /exec format error/i,
    within: 'step',
    cause: 'A program of another platform was run without an emulator: {error}',
    remedy: 'Let Slipway register one (it needs a privileged container), or name only native `platforms`.',
  },
  {
    kind: 'out-of-memory',
    pattern: new RegExp(
      `${step}(?:exit code: 137|OOM|.*cannot allocate memory)|ResourceExhausted(?!.*larger than max)`,
    ),
    cause: 'A step of the build was killed (137): most likely the runner ran out of memory. {error}',
    remedy: 'Let that step use less memory at once (fewer parallel jobs), or take a larger runner.',
  },
  {
    kind: 'transient',
    pattern: /failed to fetch remote[\s\S]*(?:timed out|reset by peer|early EOF|hung up|error: 5\d\d)/i,
    cause: 'The repository could not be fetched: {error}',
    remedy: 'Run the job again; if it stays so, check the network between the builder and the forge.',
  },
  {
    kind: 'denied',
    pattern: /failed to fetch remote/i,
    cause: 'The repository could not be fetched: {error}',
    remedy:
      'Give `github-token` a token that may read it, or, for another host, the secret `GIT_AUTH_TOKEN.HOST`; or run actions/checkout before this step.',
  },
  {
    kind: 'dockerfile',
    pattern: new RegExp(
      `${step}|parse error|unknown instruction|open .*: no such file|target stage|failed to calculate checksum.*: not found|base name \\(.*\\) should not be blank|invalid reference format|secret .* not found|circular dependency`,
    ),
    ...wrongDockerfile,
  },
  {
    kind: 'rate-limit',
    pattern: /toomanyrequests: You have reached|pull rate limit/i,
    cause: 'The registry gives no more pulls for now: {error}',
    remedy: 'Log in to that registry with `registry-auth`: accounts have limits of their own.',
  },
  {
    kind: 'transient',
    pattern:
      /(?:status|response)[^\n]*?: (?:408|425|429|5\d\d)\b|\b(?:429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b|toomanyrequests/i,
    cause: 'The registry answered with an error of its own: {error}',
    remedy: 'Run the job again later; the status page of the registry may say more.',
  },
  {
    kind: 'denied',
    pattern:
      /\bdenied\b|insufficient_scope|unauthorized|authentication required|40[13] (?:Unauthorized|Forbidden)|no basic auth credentials/i,
    ...refused,
  },
  {
    kind: 'certificate',
    pattern: /x509:|certificate (?:signed by|is not trusted|has expired)|tls: failed to verify/i,
    cause: "The registry's certificate is not trusted: {error}",
    remedy:
      'Put the certificate authority into `/etc/docker/certs.d/HOST/ca.crt`; a builder of its own needs it in `buildkitd-config-inline`.',
  },
  {
    kind: 'plain-http',
    pattern: /server gave HTTP response to HTTPS client/i,
    cause: 'The registry speaks plain HTTP: {error}',
    remedy:
      "Name it under `insecure-registries` in the engine's daemon.json; for a builder of its own give `buildkitd-config-inline` with `http = true`.",
  },
  {
    kind: 'unknown-host',
    pattern: /no such host|Name or service not known|getaddrinfo ENOTFOUND/i,
    cause: 'A host name is not known: {error}',
    remedy: 'Check the name in `image`, `registry` or the Dockerfile, and the name servers of the runner.',
  },
  {
    kind: 'transient',
    pattern:
      /connection reset|broken pipe|\bEOF\b|i\/o timeout|handshake timeout|deadline exceeded|Client\.Timeout|request canceled|connection refused|network is unreachable|no route to host|GOAWAY|stream error|INTERNAL_ERROR|use of closed network|Temporary failure in name resolution|server misbehaving|code = Unavailable|blob upload (?:unknown|invalid)|connection timed out/i,
    cause: 'The connection failed: {error}',
    remedy: 'Run the job again; if it stays so, check the network between the runner and the registry.',
  },
  {
    kind: 'unsupported',
    pattern:
      /is not supported for the docker driver|not implemented for docker driver|conflicts with "unpack"|^ERROR: .*image "[^"]*": already exists|not supported for single platform export|is not allowed/im,
    cause: 'The builder cannot do this: {error}',
    remedy: 'Leave out `builder` and `driver`, and one that can is chosen.',
  },
  // What begins so and says nothing more of why: the connection, or the registry, would have said it above.
  { kind: 'denied', pattern: /failed to authorize/i, ...refused },
  {
    kind: 'dockerfile',
    pattern: /failed to (?:read|find) dockerfile|failed to compute cache key|failed to calculate checksum/i,
    ...wrongDockerfile,
  },
  {
    kind: 'not-found',
    pattern: /not found|manifest unknown|does not exist/i,
    cause: 'Something that the build needs is not there: {error}',
    remedy: 'Check the names and tags in the Dockerfile, `build-contexts` and `cache-from`.',
  },
]
