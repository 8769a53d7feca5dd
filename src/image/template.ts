/** The arguments of an expression: in `{{…}}`, quoted values and `key='value'` pairs follow the name. */
export interface Call {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string>>
}

/** The expressions that a template may use, by name. An expression may throw a {@link TemplateError}. */
export type Expressions = Readonly<Record<string, (call: Call) => string>>

/** An error in a template. The message continues a sentence that begins with the input; the remedy is a sentence. */
export class TemplateError extends Error {
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string) {
    super(message)
    this.remedy = remedy
  }
}

interface Rendered {
  readonly text: string
  /** The unknown names, which render as empty text, as in docker/metadata-action. */
  readonly unknown: readonly string[]
}

/**
 * Renders a template like docker/metadata-action, which uses Handlebars. Supports what its documentation describes:
 * `{{name}}`, `{{name 'value' key='value'}}`, `{{! comment}}` and `\{{text}}`. As there, values are escaped for HTML
 * (`a&b` becomes the tag `a-amp-b`), except with `{{{name}}}` and `{{&name}}`. Blocks and other syntax throw a
 * {@link TemplateError}. With `keepsUnknown`, braces without a known expression remain as they are.
 */
export function render(template: string, expressions: Expressions, keepsUnknown = false): Rendered {
  const unknown: string[] = []
  const text = template.replace(mustache, (whole, mark?: string, triple?: string, double = '') => {
    if (keepsUnknown && !isKnown(expressions, triple ?? double)) return whole
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

function isKnown(expressions: Expressions, inside: string): boolean {
  const [, name = ''] = /^&?\s*([A-Za-z_][\w-]*)/.exec(inside) ?? []
  return Object.hasOwn(expressions, name)
}

/** Reports whether a template consists of a single expression, such as `{{raw}}`. */
export const isOnly = (name: string, template: string): boolean =>
  new RegExp(`^\\{\\{\\{?&?\\s*${name}\\s*\\}?\\}\\}$`).test(template)

/** Returns a template without its `{{…}}`, whose content does not influence how a line is parsed. */
export const outside = (template: string): string => template.replace(mustache, '')

const mustache = /(\\?)\{\{(?:\{([\s\S]*?)\}|([\s\S]*?))\}\}|\{\{[\s\S]*$/g
const token = /\s*(?:([\w-]+)=)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s'"]+))/y

function parseCall(inside: string, whole: string): Call & { name: string } {
  const [, name, rest = ''] = /^\s*([A-Za-z_][\w-]*)((?:\s[\s\S]*)?)$/.exec(inside) ?? []
  if (name === undefined) throw new TemplateError(`has \`${whole}\`, which is not valid`)
  const args: string[] = []
  const options: Record<string, string> = {}
  for (let at = 0; rest.slice(at).trim() !== ''; at = token.lastIndex) {
    token.lastIndex = at
    const [, key, single, double, bare] = token.exec(rest) ?? []
    const value = single ?? double
    if (value === undefined) {
      throw new TemplateError(`has \`${whole}\`, in which ${bare ?? 'a value'} is not in quotes`)
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

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"'`=]/g, character => entities[character] ?? character)
