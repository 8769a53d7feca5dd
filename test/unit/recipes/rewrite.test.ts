import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { load } from 'js-yaml'
import { parseRecipe, readRecipes } from '../../recipes/recipe.ts'
import { type Replacements, rewrite } from '../../recipes/rewrite.ts'

describe('a recipe', () => {
  it('has a title and a description', () => {
    assert.deepEqual(parseRecipe('one', '# Title\n# Some\n# words.\nname: One\n'), {
      name: 'one',
      title: 'Title',
      description: 'Some words.',
      text: '# Title\n# Some\n# words.\nname: One\n',
    })
  })

  it('is rejected without a title or a description', () => {
    assert.throws(() => parseRecipe('one', 'name: One\n'), /one\.yml does not begin with a title/)
    assert.throws(() => parseRecipe('one', '# Title\nname: One\n'), /one\.yml does not begin with a title/)
  })
})

const around: Replacements = {
  registry: '10.0.0.1:5000',
  registries: { 'base.example.com': '10.0.0.1:5002' },
  image: 'octo/place',
  host: '10.0.0.8',
  projectDirectory: '/srv/place',
  env: { BUILDX_BUILDER: 'plain' },
  with: {},
}

interface Written {
  on: { workflow_call?: unknown }
  jobs: Record<string, { steps: { uses: string; with: Record<string, string> }[]; secrets?: unknown }>
}

const workflow = (inputs: string): string =>
  `on: push\njobs:\n  one:\n    steps:\n      - uses: actions/checkout@v7\n      - uses: OWNER/slipway@v1\n        with: { ${inputs} }\n`

const inputsOf = (inputs: string, replacements = around): Record<string, string> | undefined =>
  (load(rewrite(workflow(inputs), replacements)) as Written).jobs['one']?.steps[1]?.with

it('the step that joins a tailnet is left out', () => {
  const text = workflow('push: false').replace(
    '- uses: OWNER',
    '- uses: tailscale/github-action@v4\n      - uses: OWNER',
  )
  const steps = (load(rewrite(text, around)) as Written).jobs['one']?.steps.map(({ uses }) => uses)
  assert.deepEqual(steps, ['actions/checkout@v7', './'])
})

const cases: readonly { name: string; input: string; expected: Record<string, string> }[] = [
  {
    name: 'an image left to its default',
    input: 'push: false',
    expected: { image: '10.0.0.1:5000/octo/place' },
  },
  {
    name: 'an image of ghcr.io',
    input: 'image: ghcr.io/octo/app',
    expected: { image: '10.0.0.1:5000/octo/place' },
  },
  {
    name: 'an image of Docker Hub',
    input: 'image: octo/app',
    expected: { image: '10.0.0.1:5000/octo/place' },
  },
  {
    name: 'an image that an expression names',
    input: "image: 'ghcr.io/${{ github.repository }}-web'",
    expected: { image: '10.0.0.1:5000/${{ github.repository }}-web' },
  },
  {
    name: 'an image that is an expression, which may be empty',
    input: "image: '${{ inputs.image }}'",
    expected: { image: "${{ inputs.image || '10.0.0.1:5000/octo/place' }}" },
  },
  {
    name: 'a server, whose user stays',
    input: 'ssh-host: me@example.com, project-directory: /srv/app',
    expected: { 'ssh-host': 'me@10.0.0.8', 'project-directory': '/srv/place', stability: '1' },
  },
  {
    name: 'a server that an expression names',
    input: "ssh-host: '${{ vars.SSH_HOST }}'",
    expected: { 'ssh-host': '${{ vars.SSH_HOST }}' },
  },
  {
    name: 'no login, which is given',
    input: '',
    expected: {
      'registry-username': '${{ vars.REGISTRY_USERNAME }}',
      'registry-password': '${{ secrets.REGISTRY_PASSWORD }}',
    },
  },
  {
    name: 'a login of its own, which stays',
    input: 'registry-username: octo',
    expected: { 'registry-username': 'octo' },
  },
  {
    name: 'several logins',
    input: 'registry-auth: "- registry: base.example.com"',
    expected: { 'registry-auth': '- registry: 10.0.0.1:5002' },
  },
]

describe('a recipe is rewritten for where it is run:', () => {
  for (const { name, input, expected } of cases) {
    it(name, () => {
      const written = inputsOf(input)
      for (const [key, value] of Object.entries(expected)) assert.equal(written?.[key], value)
    })
  }

  it('several logins need no other one, and what is built only needs no server', () => {
    const written = inputsOf('registry-auth: "- registry: base.example.com"')
    assert.equal(written?.['registry-password'], undefined)
    assert.equal(written?.['ssh-host'], undefined)
  })

  it('what a rehearsal says wins', () => {
    assert.equal(inputsOf('service: web', { ...around, with: { service: 'worker' } })?.['service'], 'worker')
  })

  it('the action is checked out, and is that of the repository', () => {
    const text = 'on: push\njobs:\n  one:\n    steps:\n      - uses: OWNER/slipway@v1\n'
    const { jobs } = load(rewrite(text, around)) as Written
    assert.deepEqual(
      jobs['one']?.steps.map(({ uses }) => uses),
      ['actions/checkout@v7', './'],
    )
  })

  it('a script that logs in does so to the registry of the rehearsal; another one stays', () => {
    const script = (env: string) =>
      `on: push\njobs:\n  one:\n    steps:\n      - { uses: actions/checkout@v7 }\n      - { run: a, env: { ${env} } }\n`
    const envOf = (env: string) =>
      (load(rewrite(script(env), around)) as { jobs: { one: { steps: { env?: object }[] } } }).jobs.one
        .steps[1]?.env
    assert.deepEqual(envOf("WHO: '${{ github.actor }}', TOKEN: '${{ github.token }}', A: b"), {
      WHO: '${{ vars.REGISTRY_USERNAME }}',
      TOKEN: '${{ secrets.REGISTRY_PASSWORD }}',
      A: 'b',
      BUILDX_BUILDER: 'plain',
    })
    assert.deepEqual(envOf("WHO: '${{ github.actor }}'"), { WHO: '${{ github.actor }}' })
  })

  it('a workflow that is called gets the login handed on', () => {
    const caller =
      'on: push\njobs:\n  one:\n    uses: ./.github/workflows/called.yml\n    secrets: { A: b }\n'
    const { jobs } = load(rewrite(caller, around)) as Written
    assert.deepEqual(jobs['one']?.secrets, { A: 'b', REGISTRY_PASSWORD: '${{ secrets.REGISTRY_PASSWORD }}' })
    const { on } = load(rewrite('on:\n  workflow_call: {}\njobs: {}\n', around)) as Written
    assert.deepEqual(on.workflow_call, { secrets: { REGISTRY_PASSWORD: { required: true } } })
  })
})

describe('the recipes', () => {
  it('are all readable, and name no action but ours and well-known ones by a branch', () => {
    const recipes = readRecipes()
    assert.ok(recipes.length > 15)
    for (const { name, text } of recipes) assert.doesNotMatch(text, /uses: \S+@(?:main|master)\b/, name)
  })
})

it('images that services name are in the registry here, and the step has no other', () => {
  const service = '"web=ghcr.io/${{ github.repository }}-web:${{ github.sha }}"'
  const inputs = inputsOf(`ssh-host: deploy@example.com, build: "false", service: ${service}`)
  assert.equal(inputs?.['service'], 'web=10.0.0.1:5000/${{ github.repository }}-web:${{ github.sha }}')
  assert.equal(inputs?.['image'], undefined)
})
