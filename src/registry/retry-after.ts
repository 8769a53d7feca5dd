/** The longest `Retry-After` that is obeyed, in milliseconds. */
const longest = 30_000

/**
 * Parses a `Retry-After` header, which has seconds or a date (RFC 9110, 10.2.3). Returns the milliseconds to wait, 0 if
 * it is missing, invalid or past, and at most 30,000.
 */
export function retryAfter(header: string | undefined, now: number): number {
  const text = header?.trim() ?? ''
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return wait > 0 ? Math.min(wait, longest) : 0
}
