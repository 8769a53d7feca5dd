/** How a registry wants to be convinced: RFC 9110, 11.6.1, and the token specification of the distribution project. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined }

/** Reads a `WWW-Authenticate` header; undefined when it asks for nothing that we can give. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const [, scheme = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/.exec(header ?? '') ?? []
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' }
  const parameters = Object.fromEntries(
    [...rest.matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)].map(
      ([, name, quoted, plain]) => [name?.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? ''],
    ),
  )
  const realm = parameters['realm']
  if (scheme.toLowerCase() !== 'bearer' || realm === undefined || !URL.canParse(realm)) return undefined
  return { scheme: 'bearer', realm, service: parameters['service'] }
}

/** Where the token for a scope (`repository:me/app:pull,push`) is had; without one it says no more than who this is. */
export function tokenUrl(
  { realm, service }: Extract<Challenge, { scheme: 'bearer' }>,
  scope: string | undefined,
): URL {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  if (scope !== undefined) url.searchParams.set('scope', scope)
  return url
}
