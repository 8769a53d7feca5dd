import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  installCommand,
  missingEmulators,
  registeredEmulators,
  unlisted,
} from '../../../src/buildx/emulators.ts'

const cases: readonly {
  name: string
  platforms: string[]
  machine: string
  emulators?: string[]
  expected: string[]
}[] = [
  { name: 'the platform of the machine', platforms: ['linux/amd64'], machine: 'linux/amd64', expected: [] },
  {
    name: 'a variant of its architecture',
    platforms: ['linux/amd64/v3'],
    machine: 'linux/amd64',
    expected: [],
  },
  { name: '32-bit x86 on amd64', platforms: ['linux/386'], machine: 'linux/amd64', expected: [] },
  {
    name: 'amd64 on 32-bit x86',
    platforms: ['linux/amd64'],
    machine: 'linux/386',
    expected: ['linux/amd64'],
  },
  { name: 'arm on arm64', platforms: ['linux/arm/v7'], machine: 'linux/arm64', expected: [] },
  {
    name: 'arm64 on amd64',
    platforms: ['linux/amd64', 'linux/arm64'],
    machine: 'linux/amd64',
    expected: ['linux/arm64'],
  },
  {
    name: 'a registered emulator',
    platforms: ['linux/arm64'],
    machine: 'linux/amd64',
    emulators: ['qemu-aarch64'],
    expected: [],
  },
  {
    name: 'an emulator of another architecture',
    platforms: ['linux/arm/v7'],
    machine: 'linux/amd64',
    emulators: ['qemu-aarch64'],
    expected: ['linux/arm/v7'],
  },
  {
    name: 'amd64 on arm64',
    platforms: ['linux/amd64'],
    machine: 'linux/arm64',
    emulators: ['qemu-x86_64'],
    expected: [],
  },
  {
    name: 'an architecture with the same name in QEMU',
    platforms: ['linux/s390x'],
    machine: 'linux/amd64',
    emulators: ['qemu-s390x'],
    expected: [],
  },
  { name: "the builder's own platform", platforms: ['local'], machine: 'linux/amd64', expected: [] },
]

for (const { name, platforms, machine, emulators = [], expected } of cases) {
  test(`emulators: ${name}`, () =>
    assert.deepEqual(missingEmulators(platforms, machine, emulators), expected))
}

test('platforms that a builder lists need no emulator', () => {
  const listed = ['linux/amd64', 'linux/amd64/v2', 'linux/arm64']
  assert.deepEqual(unlisted(['linux/arm64/v8', 'linux/amd64/v3', 'linux/s390x'], listed), ['linux/s390x'])
})

test('each architecture is installed once', () => {
  assert.deepEqual(installCommand('binfmt@sha256:0', ['linux/arm/v6', 'linux/arm/v7', 'linux/arm64']).args, [
    ...['run', '--rm', '--privileged', 'binfmt@sha256:0', '--install', 'arm,arm64'],
  ])
})

test('only emulators that are enabled and work inside containers are registered', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'binfmt-'))
  const entry = (state: string, flags: string) =>
    `${state}\ninterpreter /usr/bin/qemu-x\nflags: ${flags}\noffset 0\n`
  writeFileSync(join(directory, 'qemu-aarch64'), entry('enabled', 'OCF'))
  writeFileSync(join(directory, 'qemu-arm'), entry('disabled', 'F'))
  writeFileSync(join(directory, 'qemu-s390x'), entry('enabled', ''))
  writeFileSync(join(directory, 'python3'), entry('enabled', 'F'))
  assert.deepEqual(await registeredEmulators(directory), ['qemu-aarch64'])
  assert.deepEqual(await registeredEmulators(join(directory, 'nowhere')), [])
})
