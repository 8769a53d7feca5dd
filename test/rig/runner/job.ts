import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { GithubContext } from './context.ts'
import { contextVariables } from './context.ts'

/** The directories of a job. */
export interface Job {
  readonly root: string
  readonly workspace: string
  readonly temp: string
  readonly home: string
  readonly files: string
  readonly trackingId: string
  readonly variables: Readonly<Record<string, string>>
}

export interface JobOptions {
  readonly action: string
  readonly context: GithubContext
  readonly event: unknown
  readonly workspace: string | undefined
  readonly home: string | undefined
}

const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Creates a job's directories: a new workspace and home unless they are given, and always a new `RUNNER_TEMP`. */
export function openJob(options: JobOptions): Job {
  const root = mkdtempSync(join(tmpdir(), 'slipway-job-'))
  const places = {
    root,
    workspace: options.workspace ?? join(root, 'work'),
    temp: join(root, 'temp'),
    home: options.home ?? join(root, 'home'),
    files: join(root, 'temp', '_runner_file_commands'),
    trackingId: `github_${crypto.randomUUID()}`,
  }
  for (const place of [places.workspace, places.home, places.files]) mkdirSync(place, { recursive: true })
  const event = join(places.temp, '_github_workflow', 'event.json')
  mkdirSync(dirname(event))
  writeFileSync(event, JSON.stringify(options.event))
  return { ...places, variables: variablesOf(places, options, event) }
}

/** Returns the variables that an action can rely on in a hosted runner's environment. */
function variablesOf(
  places: Omit<Job, 'variables'>,
  { action, context }: JobOptions,
  event: string,
): Record<string, string> {
  return {
    CI: 'true',
    HOME: places.home,
    LANG: 'C.UTF-8',
    PATH: standardPath,
    ...contextVariables(context),
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION_PATH: action,
    GITHUB_EVENT_PATH: event,
    GITHUB_WORKSPACE: places.workspace,
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'Small runner',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: places.temp,
    RUNNER_TOOL_CACHE: join(places.root, 'tools'),
    RUNNER_TRACKING_ID: places.trackingId,
    RUNNER_WORKSPACE: dirname(places.workspace),
  }
}

/** Returns the files in the job's directories that the runner did not create itself, relative to the job's root. */
export function leftoverFiles({ root }: Job): string[] {
  const ours = /^temp\/(_runner_file_commands|_github_workflow)\//
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter(path => !ours.test(path))
    .sort()
}

export const closeJob = ({ root }: Job): void => rmSync(root, { recursive: true, force: true })
