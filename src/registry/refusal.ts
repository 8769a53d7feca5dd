/** What to do about a registry that lets a run not push, by what it said. */
export function refusalRemedy(registry: string, status: number, said: string): string {
  const found = packages.find(({ pattern }) => pattern.test(said))
  if (found !== undefined) return found.remedy
  if (registry === 'ghcr.io' || registry.startsWith('containers.')) return `${permission} ${access}`
  if (registry === 'docker.io') return hub
  if (/\.dkr\.ecr\./.test(registry)) return ecr
  return status === 404 ? missing : other
}

const permission = 'Give the job `permissions: packages: write`.'

const access =
  'If it has that, open the settings of the package on GitHub, and under "Manage Actions access" add this repository with the role Write.'

/** What GitHub's registry says, and what each means: an installation is the token of a workflow run. */
const packages: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  { pattern: /installation not allowed/i, remedy: permission },
  {
    pattern: /write_package/i,
    remedy: `The package is there, and grants this repository nothing. ${access}`,
  },
  {
    pattern: /expected scopes/i,
    remedy: 'The token in `registry-password` needs the scope `write:packages`.',
  },
  {
    pattern: /unauthenticated|cannot be authenticated/i,
    remedy: 'The token in `registry-password` is not valid, or has expired.',
  },
]

const hub =
  'Check that the repository belongs to `registry-username`, and that its access token may read and write.'

const ecr = 'Create the repository first: Amazon ECR makes none by itself. The login needs the right to push.'

const missing = 'Create the repository in the registry first, or check its name.'

const other =
  'Give `registry-username` and `registry-password` of a user that may write there; for several registries, `registry-auth`.'
