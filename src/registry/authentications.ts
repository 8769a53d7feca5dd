import { at, type Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { trustOf } from '../github/trust.ts'
import { dockerHub, ecrRemedy, needsEcrLogin, registryHost } from './hosts.ts'
import type { Login } from './plan.ts'

/** Reads `registry-auth`: a YAML list of logins, with the keys that docker/login-action gives them. */
export async function readAuthentications(
  text: string,
  context: Context,
  findings: Findings,
): Promise<Login[]> {
  if (text === '') return []
  const { load } = await import('js-yaml')
  let entries: unknown
  try {
    entries = load(text)
  } catch {
    // The parser's message quotes the text, which holds passwords.
  }
  if (Array.isArray(entries))
    return entries.flatMap((entry, place) => readLogin(entry, place + 1, context, findings))
  findings.problems.push({
    input: 'registry-auth',
    cause: '`registry-auth` is no YAML list of logins.',
    remedy: 'Begin each with `- registry: ghcr.io`, and give it a `username` and a `password`.',
  })
  return []
}

function readLogin(entry: unknown, place: number, context: Context, findings: Findings): Login[] {
  const text = (key: string) => String(at(entry, key) ?? '')
  const registry = registryHost(text('registry') || dockerHub)
  const missing = ['username', 'password'].filter(key => text(key) === '')
  const lacking = missing.length > 0 && incomplete(place, registry, missing)
  if (lacking && trustOf(context) !== 'own') return leaveOut(lacking.cause, findings)
  const asked = /^(?:true|yes)$/i.test(text('ecr')) && text('username') !== 'AWS'
  if (asked || needsEcrLogin(registry, text('username'))) return refuse(ecr(place), findings)
  if (lacking) return refuse(lacking, findings)
  // A block of YAML ends with a newline, which `docker login` takes off too.
  const password = text('password').replace(/\r?\n$/, '')
  return [{ registry, username: text('username'), password }]
}

/** A secret that a stranger's run does not get is empty, and must not make the run red. */
function leaveOut(cause: string, findings: Findings): [] {
  findings.warnings.push(`${cause} It is left out; forks and Dependabot get no secrets.`)
  return []
}

function refuse(problem: { cause: string; remedy: string }, findings: Findings): [] {
  findings.problems.push({ input: 'registry-auth', ...problem })
  return []
}

const incomplete = (place: number, registry: string, missing: readonly string[]) => ({
  cause: `Login ${place} of \`registry-auth\`, for ${registry}, has no ${missing.join(' and no ')}.`,
  remedy: 'Is the secret set, and does this environment get it? Forks get none.',
})

const ecr = (place: number) => ({
  cause: `Login ${place} of \`registry-auth\` is for Amazon ECR, whose password has to be fetched first.`,
  remedy: ecrRemedy,
})
