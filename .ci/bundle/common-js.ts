import { isBuiltin } from 'node:module'
import { transform } from 'esbuild'
import { options } from './options.ts'

/** Makes an ES module of esbuild's a CommonJS one. The comments that name the sources stay. */
export async function commonJs(name: string, text: string): Promise<string> {
  // Of comments only legal ones outlive this, so that is what these are meanwhile.
  const { code } = await transform(text.replace(/^\/\/ (?=\S+$)/gm, '//! '), {
    sourcefile: name,
    format: 'cjs',
    platform: 'node',
    target: options.target,
    charset: options.charset,
    legalComments: 'inline',
    // A native import() would see no named exports in a bundled CommonJS file.
    supported: { 'dynamic-import': false },
  })
  return plainExports(plainBuiltins(code.replace(/^\/\/! /gm, '\n// ')))
}

/** What `import * as os from 'node:os'` is made would copy all of the module's properties, at every start. */
function plainBuiltins(code: string): string {
  const copied = code.matchAll(/var (\w+) = __toESM\(require\("([\w:/]+)"\)\);/g)
  return [...copied].reduce((text, [whole, name = '', module = '']) => {
    if (!isBuiltin(module)) return text
    const plain = text.replace(whole, `var ${name} = require("${module}");`)
    return plain.replace(new RegExp(`\\b${name}\\.default\\b`, 'g'), name)
  }, code)
}

/** Getters that are defined one by one, then copied to another object, half a millisecond of a start: values at the end do. */
function plainExports(code: string): string {
  const block =
    /var (\w+) = \{\};\n__export\(\1, \{\n([\s\S]*?)\n\}\);\nmodule\.exports = __toCommonJS\(\1\);\n/
  const end = /\/\/ Annotate the CommonJS export names.*\n0 && \(module\.exports = \{[\s\S]*\}\);\n$/
  const [, , names = ''] = block.exec(code) ?? []
  if (names === '' || !end.test(code)) return code
  const values = names.replace(/^( +)(\w+): \(\) => \2(?=,?$)/gm, '$1$2').replace(/: \(\) => /g, ': ')
  return code.replace(block, '').replace(end, () => `module.exports = {\n${values}\n};\n`)
}
