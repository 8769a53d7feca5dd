import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { answerOf } from '../../../../src/target/compose-host/answer.ts'
import { composeFilesOf, configProblem } from '../../../../src/target/compose-host/files.ts'

// The orders are those of Compose: cli/options.go of compose-go, config/config.py of v1.
suite('the files that Compose finds itself', () => {
  const table: readonly {
    name: string
    there: readonly string[]
    version?: string
    expected: readonly string[]
  }[] = [
    { name: 'one', there: ['compose.yaml'], expected: ['compose.yaml'] },
    {
      name: 'every main file and override',
      there: [
        ...['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'],
        ...['compose.override.yaml', 'compose.override.yml'],
        ...['docker-compose.override.yml', 'docker-compose.override.yaml'],
      ],
      expected: ['compose.yaml', 'compose.override.yml'],
    },
    {
      name: 'an override with the other naming scheme',
      there: ['compose.yaml', 'docker-compose.override.yaml'],
      expected: ['compose.yaml', 'docker-compose.override.yaml'],
    },
    {
      name: 'v1',
      version: '1.29.2',
      there: ['compose.yml', 'docker-compose.yml', 'compose.override.yml', 'docker-compose.override.yml'],
      expected: ['docker-compose.yml', 'docker-compose.override.yml'],
    },
    { name: 'an override alone', there: ['compose.override.yml'], expected: [] },
  ]
  for (const { name, there, version = '2.40.3', expected } of table)
    test(name, () => {
      const answer = answerOf([
        { name: 'directory', lines: ['/srv/app'] },
        ...there.map(file => ({ name: 'file', lines: [`/srv/app/${file}`] })),
      ])
      const found = composeFilesOf(
        answer,
        { composeFiles: [] } as never,
        { composeVersion: version } as never,
      )
      assert.deepEqual(
        found,
        expected.map(file => `/srv/app/${file}`),
      )
    })
})

suite('the error of Compose is shown without', () => {
  const table = [
    {
      name: 'a value',
      env: 'A=hunter2',
      error: 'parsing "hunter2": invalid',
      expected: 'parsing "***": invalid',
    },
    {
      name: 'a value that the error quotes with escapes',
      env: `A='hunter2 "two" \\'`,
      error: String.raw`parsing "hunter2 \"two\" \\": invalid`,
      expected: 'parsing "***": invalid',
    },
    {
      name: 'a value of several lines',
      env: 'A="hunter2\ntwo"',
      error: String.raw`parsing "hunter2\ntwo": invalid`,
      expected: 'parsing "***": invalid',
    },
  ]
  for (const { name, env, error, expected } of table)
    test(name, () => {
      const answer = answerOf([
        { name: 'directory', lines: ['/srv/app'] },
        { name: 'file', lines: ['/srv/app/compose.yaml'] },
        { name: 'env', lines: env.split('\n') },
        { name: 'config.error', lines: [error] },
      ])
      assert.equal(configProblem(answer, { composeFiles: [] } as never).output, expected)
    })
})
