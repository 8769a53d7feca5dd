/** What stands between `{{` and `}}`: a name, then quoted values and `key='value'` pairs. */
export interface Call {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string>>
}

/** The names that a template may use, and what each of them says. Throws a {@link TemplateError}. */
export type Expressions = Readonly<Record<string, (call: Call) => string>>

/** Why a template cannot be read; the message ends a sentence that names the input, the remedy is one of its own. */
export class TemplateError extends Error {
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string) {
    super(message)
    this.remedy = remedy
  }
}

interface Rendered {
  readonly text: string
  /** Unknown names: they become empty, as in Docker's action. */
  readonly unknown: readonly string[]
}

/**
 * Fills in a template as docker/metadata-action's Handlebars does, for what its documentation offers: `{{name}}`,
 * escaped for HTML there and so here (`a&b` makes the tag `a-amp-b` in both), `{{{name}}}` and `{{&name}}` as it
 * is, `{{name 'value' key='value'}}`, `{{! comment}}` and `\{{text}}`. Blocks and the rest throw; where `keepsUnknown`
 * says so, whatever names no expression stays as it stands.
 */
export function render(template: string, expressions: Expressions, keepsUnknown = false): Rendered {
  const unknown: string[] = []
  const text = template.replace(mustache, (whole, mark?: string, triple?: string, double = '') => {
    if (keepsUnknown && !knows(expressions, triple ?? double)) return whole
    if (mark === undefined) throw new TemplateError(`has \`${whole}\`, which is never closed`)
    if (mark !== '') return whole.slice(1)
    if (triple === undefined && double.startsWith('!')) return ''
    const plain = triple ?? (double.startsWith('&') ? double.slice(1) : undefined)
    const { name, ...call } = parseCall(plain ?? double, whole)
    const expression = expressions[name]
    if (expression === undefined) {
      if (call.args.length > 0) throw new TemplateError(`uses \`${name}\`, which is unknown`)
      unknown.push(name)
      return ''
    }
    return plain === undefined ? escapeHtml(expression(call)) : expression(call)
  })
  return { text, unknown }
}

function knows(expressions: Expressions, inside: string): boolean {
  const [, name = ''] = /^&?\s*([A-Za-z_][\w-]*)/.exec(inside) ?? []
  return Object.hasOwn(expressions, name)
}

/** Returns whether a template is a single expression, such as `{{raw}}`, and nothing else. */
export const isOnly = (name: string, template: string): boolean =>
  new RegExp(`^\\{\\{\\{?&?\\s*${name}\\s*\\}?\\}\\}$`).test(template)

/** Returns the text without its `{{…}}`: nothing inside one decides how a line is parsed. */
export const outside = (template: string): string => template.replace(mustache, '')

const mustache = /(\\?)\{\{(?:\{([\s\S]*?)\}|([\s\S]*?))\}\}|\{\{[\s\S]*$/g
const token = /\s*(?:([\w-]+)=)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s'"]+))/y

function parseCall(inside: string, whole: string): Call & { name: string } {
  const [, name, rest = ''] = /^\s*([A-Za-z_][\w-]*)((?:\s[\s\S]*)?)$/.exec(inside) ?? []
  if (name === undefined) throw new TemplateError(`has \`${whole}\`, which is not understood`)
  const args: string[] = []
  const options: Record<string, string> = {}
  for (let at = 0; rest.slice(at).trim() !== ''; at = token.lastIndex) {
    token.lastIndex = at
    const [, key, single, double, bare] = token.exec(rest) ?? []
    const value = single ?? double
    if (value === undefined) {
      throw new TemplateError(`has \`${whole}\`, in which ${bare ?? 'something'} is not in quotes`)
    }
    const plain = value.replace(/\\(['"])/g, '$1')
    if (key === undefined) args.push(plain)
    else options[key] = plain
  }
  return { name, args, options }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
  '=': '&#x3D;',
}

const escapeHtml = (text: string): string => text.replace(/[&<>"'`=]/g, found => entities[found] ?? found)
