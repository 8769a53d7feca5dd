/** Variables of an env file that have the names of a script's own variables, as a test of what docker gets. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Returns the names of all variables that a script sets in lower case, each with a value of its own. */
export function variablesOf(script: string): Record<string, string> {
  const code = script.replaceAll(/^\s*#.*$/gm, '')
  const set = [...code.matchAll(/(?:^|[\s;(&|{])([a-z_][a-z0-9_]*)=/gm)].map(([, name = '']) => name)
  const read = [...code.matchAll(/\bread -r ([a-z0-9_ ]+)/g)].flatMap(([, names = '']) => names.split(' '))
  const names = [...new Set([...set, ...read])].filter(name => /^[a-z]/.test(name))
  return Object.fromEntries(names.map((name, index) => [name, `value ${index} of ${name}`]))
}

export const envFile = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

/**
 * Installs a docker that writes its environment to the file `environment` at `docker stack …`, and a sudo that passes on
 * only the variables that `--preserve-env=` names.
 */
export function installTools(directory: string, docker: string): void {
  const put = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    chmodSync(join(directory, name), 0o755)
  }
  put('docker', `#!/bin/sh\ncase "$*" in *stack\\ *) env -0 >'${directory}/environment' ;; esac\n${docker}`)
  put(
    'sudo',
    `#!${process.execPath}
const [first, ...rest] = process.argv.slice(2)
const list = /^--preserve-env=(.+)$/.exec(first)
const [no, ...words] = list === null ? [first, ...rest] : rest
if (no !== '-n') throw new Error(process.argv.join(' '))
const env = { PATH: process.env.PATH }
for (const name of list?.[1].split(',') ?? []) env[name] = process.env[name]
process.exit(require('node:child_process').spawnSync(words[0], words.slice(1), { env, stdio: 'inherit' }).status)
`,
  )
}

/** Returns those of the variables that the installed docker got. */
export function received(directory: string, variables: Readonly<Record<string, string>>) {
  const got = readFileSync(join(directory, 'environment'), 'utf8').split('\0')
  const found = new Map(got.map(line => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]))
  return Object.fromEntries(Object.keys(variables).map(name => [name, found.get(name)]))
}
