/** Requests a page. Returns its text, or undefined if the response is an error or does not arrive within 3 seconds. */
export async function fetchPage(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) })
    const text = (await response.text()).trim()
    return response.ok ? text : undefined
  } catch {
    return undefined
  }
}
