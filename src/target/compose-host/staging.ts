import type { Run } from '../../core/command.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import waysScript from '../../deploy/agent/payload-paths.sh'
import settingsScript from '../../deploy/agent/settings.sh'
import shadowScript from '../../deploy/agent/shadow.sh'
import variablesScript from '../../deploy/agent/variables.sh'
import { archive, type Entry } from '../../payload/archive.ts'
import type { PayloadFile } from '../../payload/files.ts'
import type { PayloadPlan } from '../../payload/plan.ts'
import { endMarker, fileEntries, settingEntries } from '../../payload/send.ts'
import answerScript from './answer.sh'
import { type Answer, answerOf, type Question, readAnswer } from './answer.ts'
import stagingScript from './staging.sh'
import writableScript from './writable.sh'

/**
 * Asks a question about the project directory with the uploads in place. Changes nothing there, as the server answers
 * it for a staged copy in a temporary directory. Sends only files that Compose may read with their content.
 */
export async function askStaged(
  run: Run,
  { script, args: [directory = '', ...args], timeout }: Question,
  plan: PayloadPlan,
  v1: boolean,
): Promise<Answer | Problem> {
  const text = [...parts, stagingScript, script].join('\n')
  const words = args.map(arg => (arg.startsWith(`${directory}/`) ? arg.slice(directory.length + 1) : arg))
  const outcome = await run(
    {
      file: 'sh',
      args: ['-c', text, 'sh', directory, plan.envFile, directory, ...words],
      stdin: () => archive(stagedEntries(plan, v1), 'preflight'),
    },
    { timeout: timeout },
  )
  const answer = readAnswer(outcome)
  if (answer === undefined) return unanswered(outcome.stderr)
  return answer.has('staged.refused') ? refused(answer.text('staged.refused')) : unshadow(answer)
}

const parts = [answerScript, variablesScript, settingsScript, waysScript, shadowScript, writableScript]

const refused = (reason: string): Problem => ({
  input: 'files',
  cause: `The files cannot be uploaded: ${reason}.`,
  remedy: 'Upload to another path (`local -> remote` in `files`), or move the existing file on the server.',
})

const unanswered = (stderr: string): Problem => ({
  input: 'files',
  cause: 'The server could not check the project with the uploaded files.',
  remedy: 'The check needs `tar` on the server, and disk space for temporary files (`df -h /tmp`).',
  ...(stderr.trim() === '' ? {} : { output: lastLines(stderr) }),
})

/** Limits of the sent content in bytes, for a file and for all files. Compose files and env files are smaller. */
const maxFileSize = 256 * 1024
const maxTotalSize = 4 * 1024 * 1024

/** Returns the entries to send: first the files that Compose may read. Files beyond the limits are sent empty. */
function stagedEntries(plan: PayloadPlan, v1: boolean): Entry[] {
  let remaining = maxTotalSize
  const content = (file: PayloadFile): PayloadFile | undefined => {
    if (file.size > maxFileSize || file.size > remaining) return undefined
    remaining -= file.size
    return file
  }
  const ordered = [...plan.files].sort((one, other) => Number(isRead(other)) - Number(isRead(one)))
  const files = ordered.map(file => ({ file, sent: content(file) }))
  const full = fileEntries(files.flatMap(({ sent }) => sent ?? []))
  const empty = files
    .filter(({ sent }) => sent === undefined)
    .map(({ file }) => ({ name: `files/${file.remote}`, mode: file.mode, content: '' }))
  return [...full, ...empty, ...settingEntries(plan, v1), endMarker]
}

const isRead = ({ remote }: PayloadFile): boolean => /\.ya?ml$|\.env|env$/i.test(remote)

/**
 * Replaces the paths of the staged copy by those of the project. Drops its config hashes, which differ from the
 * project's.
 */
function unshadow(answer: Answer): Answer {
  const root = answer.text('staged.root')
  const sections = answer.sections
    .filter(({ name }) => name !== 'writable' && !name.startsWith('hash'))
    .map(({ name, lines }) => ({
      name: name === 'staged.writable' ? 'writable' : name.replaceAll(root, ''),
      lines: lines.map(line => line.replaceAll(root, '')),
    }))
  return answerOf(sections)
}
