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
  return plainBuiltins(code.replace(/^\/\/! /gm, '\n// '))
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
