import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizePlatform } from '../../../src/image/platform.ts'

/** Names from users, `uname -m` and the engine, and the names that images use. */
const cases: readonly [given: string, expected: string][] = [
  ['arm64', 'linux/arm64'],
  ['Linux/ARM64', 'linux/arm64'],
  ['linux/aarch64', 'linux/arm64'],
  ['aarch64', 'linux/arm64'],
  ['linux/x86_64', 'linux/amd64'],
  ['x86-64', 'linux/amd64'],
  ['linux/armv7l', 'linux/arm/v7'],
  ['linux/armv8l', 'linux/arm/v7'],
  ['armhf', 'linux/arm/v7'],
  ['linux/armv6l', 'linux/arm/v6'],
  ['linux/i686', 'linux/386'],
  ['linux/loongarch64', 'linux/loong64'],
  ['linux/arm/v7', 'linux/arm/v7'],
  ['arm/v7', 'linux/arm/v7'],
  ['linux/riscv64', 'linux/riscv64'],
  ['windows/amd64', 'windows/amd64'],
  ['linux/unheard', 'linux/unheard'],
  ['local', 'local'],
]

for (const [given, expected] of cases)
  test(`platform: ${given} is ${expected}`, () => assert.equal(normalizePlatform(given), expected))
