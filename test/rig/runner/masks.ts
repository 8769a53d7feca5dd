/**
 * Values that the log must not show. Like GitHub's runner, it also hides their encoded forms: Base64 (at each of its
 * three offsets), JSON, URI and XML escapes.
 */
export class Masks {
  readonly #values = new Set<string>()

  constructor(values: readonly string[] = []) {
    for (const value of values) this.add(value)
  }

  /** Hides a value and each of its lines, because the output of a child process is masked line by line. */
  add(value: string): void {
    for (const part of [value, ...value.split(/[\r\n]+/)]) {
      if (part.trim() === '') continue
      for (const form of encodings(part)) this.#values.add(form)
    }
  }

  /** Replaces every hidden span with three asterisks. Spans that touch or overlap are merged. */
  apply(text: string): string {
    const spans = [...this.#values].flatMap(value => occurrences(text, value)).sort((a, b) => a[0] - b[0])
    let masked = ''
    let end = 0
    let open = false
    for (const [from, to] of spans) {
      if (open && from <= end) {
        end = Math.max(end, to)
        continue
      }
      masked += `${text.slice(end, from)}***`
      end = to
      open = true
    }
    return masked + text.slice(end)
  }
}

function occurrences(text: string, value: string): [number, number][] {
  const found: [number, number][] = []
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    found.push([at, at + value.length])
  }
  return found
}

function encodings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1)
  const xml = value.replaceAll(
    /[&<>"']/g,
    character =>
      ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[character] ?? character,
  )
  const shifted = [0, 1, 2].map(skip => Buffer.from(value).subarray(skip))
  const base64 = shifted.flatMap(bytes => {
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3))
    return [bytes.toString('base64'), whole.toString('base64')].filter(text => text.length >= 8)
  })
  return [value, json, xml, encodeURIComponent(value.toWellFormed()), ...base64]
}
