import type { Outcome } from '../core/command.ts'

/** The reason why a docker command failed. */
export interface Diagnosis {
  readonly kind: Kind
  /** What went wrong, in one sentence. */
  readonly cause: string
  readonly remedy?: string
}

export type Kind =
  /** A temporary error that the user did not cause: a retry may succeed. */
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
 * Diagnoses a failed command by its exit code and its last error. The output of a RUN step is searched only if that
 * step failed: a connection that `npm install` lost says nothing about the push.
 */
export function diagnose({ code, stdout, stderr }: Outcome): Diagnosis {
  const output = `${stdout}\n${stderr}`
  const error = lastError(output)
  const texts = { error, output, step: error.includes(step) ? output : error }
  const rule = rules.find(({ pattern, within = 'error' }) => pattern.test(texts[within]))
  if (rule !== undefined) {
    const { kind, cause, remedy } = rule
    const sentence = cause.replace('{error}', () => brief(error))
    return { kind, cause: sentence, ...(remedy === undefined ? {} : { remedy }) }
  }
  if (code === 137) return killed
  const ended = code === null ? 'was ended before it finished' : `failed with exit code ${code}`
  const message = brief(error)
  return { kind: 'unknown', cause: message === '.' ? `docker ${ended}.` : `docker ${ended}: ${message}` }
}

const killed: Diagnosis = {
  kind: 'out-of-memory',
  cause: 'docker was killed (exit code 137): most likely the runner ran out of memory.',
  remedy: 'Reduce the memory use of the build, or use a larger runner.',
}

/** Returns docker's last error: the lines from the last `ERROR:` on, or the last five lines if there is none. */
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
    // The query of an upload URL holds its state, which is long and meaningless to the reader.
    .replaceAll(/(https?:\/\/[^\s"?]+)\?[^\s"]+/g, '$1?…')
    .replace(/[.\s]*$/, '.')

/** Returns the first line of an error. For a git error, appends the line with git's own message. */
function firstLine(error: string): string {
  const [first = '', ...rest] = error.split('\n')
  const fatal = rest.find(line => /^(?:fatal|remote|error): /.test(line)) ?? rest[0]
  return first.trimEnd().endsWith('git stderr:') && fatal !== undefined
    ? `${first.trimEnd()} ${fatal}`
    : first
}

interface Rule extends Diagnosis {
  readonly pattern: RegExp
  /** The text to search: docker's own error, the output of a failed step, or the whole output. Default: `error`. */
  readonly within?: 'error' | 'step' | 'output'
}

/** Part of the error of a failed Dockerfile step. The output of the step then has the reason. */
const step = 'did not complete successfully: '

const wrongDockerfile = {
  cause: 'The Dockerfile could not be built: {error}',
  remedy: 'The lines below are the output of the build. `docker build` fails on the same Dockerfile too.',
}

const refused = {
  cause: 'The registry refused: {error}',
  remedy:
    'Check `registry-username` and `registry-password`; for ghcr.io, set `permissions: packages: write` in the job, and give the repository write access in the settings of the package.',
}

/** The rules, of which the first match wins. `{error}` stands for docker's own message. */
const rules: readonly Rule[] = [
  {
    kind: 'dockerfile',
    pattern: /^Check complete, \d+ warnings? ha(?:s|ve) been found/m,
    within: 'output',
    cause: 'The check of the Dockerfile reported warnings.',
    remedy:
      'Fix the warnings listed below, or skip a check by its name with `# check=skip=NAME` at the top of the Dockerfile.',
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
    cause: 'The emulator of another platform crashed (signal 11): {error}',
    remedy:
      'Build that platform on a native runner or node (`append`), cross-compile with `FROM --platform=$BUILDPLATFORM`, or try another `qemu-image`.',
  },
  {
    kind: 'emulator',
    pattern: /exec format error/i,
    within: 'step',
    cause: 'A program for another platform was run without an emulator: {error}',
    remedy:
      'Let Slipway register an emulator (it needs a privileged container), or set `platforms` to native ones only.',
  },
  {
    kind: 'out-of-memory',
    pattern: new RegExp(
      `${step}(?:exit code: 137|OOM|.*cannot allocate memory)|ResourceExhausted(?!.*larger than max)`,
    ),
    cause: 'A step of the build was killed (137): most likely the runner ran out of memory. {error}',
    remedy: 'Reduce the memory use of that step (fewer parallel jobs), or use a larger runner.',
  },
  {
    kind: 'transient',
    pattern: /failed to fetch remote[\s\S]*(?:timed out|reset by peer|early EOF|hung up|error: 5\d\d)/i,
    cause: 'The repository could not be fetched: {error}',
    remedy: 'Run the job again; if it fails again, check the network between the builder and the Git server.',
  },
  {
    kind: 'denied',
    pattern: /failed to fetch remote/i,
    cause: 'The repository could not be fetched: {error}',
    remedy:
      'Set `github-token` to a token that may read it or, for another host, set the secret `GIT_AUTH_TOKEN.HOST`; or run actions/checkout before this step.',
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
    cause: 'The pull rate limit of the registry is reached: {error}',
    remedy: 'Log in to that registry with `registry-auth`: accounts have their own limits.',
  },
  {
    kind: 'transient',
    pattern:
      /(?:status|response)[^\n]*?: (?:408|425|429|5\d\d)\b|\b(?:429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b|toomanyrequests/i,
    cause: 'The registry answered with a temporary error: {error}',
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
      'Copy the certificate of the authority to `/etc/docker/certs.d/HOST/ca.crt`; a separate builder needs it in `buildkitd-config-inline`.',
  },
  {
    kind: 'plain-http',
    pattern: /server gave HTTP response to HTTPS client/i,
    cause: 'The registry speaks plain HTTP: {error}',
    remedy:
      "Add it to `insecure-registries` in the engine's daemon.json; for a separate builder, set `http = true` in `buildkitd-config-inline`.",
  },
  {
    kind: 'unknown-host',
    pattern: /no such host|Name or service not known|getaddrinfo ENOTFOUND/i,
    cause: 'A host name could not be resolved: {error}',
    remedy: 'Check the name in `image`, `registry` or the Dockerfile, and the DNS servers of the runner.',
  },
  {
    kind: 'transient',
    pattern:
      /connection reset|broken pipe|\bEOF\b|i\/o timeout|handshake timeout|deadline exceeded|Client\.Timeout|request canceled|connection refused|network is unreachable|no route to host|GOAWAY|stream error|INTERNAL_ERROR|use of closed network|Temporary failure in name resolution|server misbehaving|code = Unavailable|blob upload (?:unknown|invalid)|connection timed out/i,
    cause: 'The connection failed: {error}',
    remedy: 'Run the job again; if it fails again, check the network between the runner and the registry.',
  },
  {
    kind: 'unsupported',
    pattern:
      /is not supported for the docker driver|not implemented for docker driver|conflicts with "unpack"|^ERROR: .*image "[^"]*": already exists|not supported for single platform export|is not allowed/im,
    cause: 'The builder cannot do this: {error}',
    remedy: 'Remove `builder` and `driver`: Slipway then chooses a builder that can.',
  },
  // Must come after the rules for network and registry errors, which also make an authorization fail.
  { kind: 'denied', pattern: /failed to authorize/i, ...refused },
  {
    kind: 'dockerfile',
    pattern: /failed to (?:read|find) dockerfile|failed to compute cache key|failed to calculate checksum/i,
    ...wrongDockerfile,
  },
  {
    kind: 'not-found',
    pattern: /not found|manifest unknown|does not exist/i,
    cause: 'The build needs something that does not exist: {error}',
    remedy: 'Check the names and tags in the Dockerfile, `build-contexts` and `cache-from`.',
  },
]
