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
import sketchScript from './sketch.sh'
import writableScript from './writable.sh'

/**
 * Asks a question about the project directory as it will be with the uploads, and changes nothing there:
 * the sketch is made in a directory of its own. Only what Compose may read is sent whole, the rest by its name.
 */
export async function askSketch(
  run: Run,
  { script, args: [directory = '', ...args], timeout }: Question,
  plan: PayloadPlan,
  v1: boolean,
): Promise<Answer | Problem> {
  const text = [...parts, sketchScript, script].join('\n')
  const words = args.map(arg => (arg.startsWith(`${directory}/`) ? arg.slice(directory.length + 1) : arg))
  const outcome = await run(
    {
      file: 'sh',
      args: ['-c', text, 'sh', directory, plan.envFile, directory, ...words],
      stdin: () => archive(sketchEntries(plan, v1)),
    },
    { timeout: timeout },
  )
  const answer = readAnswer(outcome)
  if (answer === undefined) return unanswered(outcome.stderr)
  return answer.has('sketch.refused') ? refused(answer.text('sketch.refused')) : unshadow(answer)
}

const parts = [answerScript, variablesScript, settingsScript, waysScript, shadowScript, writableScript]

const refused = (reason: string): Problem => ({
  input: 'files',
  cause: `The files cannot be uploaded: ${reason}.`,
  remedy: 'Upload to another path (`local -> remote` in `files`), or move away what is there on the server.',
})

const unanswered = (stderr: string): Problem => ({
  input: 'files',
  cause: 'The server could not check the project with the uploaded files.',
  remedy: 'The check needs `tar` on the server, and disk space for temporary files (`df -h /tmp`).',
  ...(stderr.trim() === '' ? {} : { output: lastLines(stderr) }),
})

/** In bytes: a compose file or an env file is smaller, and all of them together are. */
const largest = 256 * 1024
const most = 4 * 1024 * 1024

/** Returns the entries to send: first the files that Compose may read; large ones without their content. */
function sketchEntries(plan: PayloadPlan, v1: boolean): Entry[] {
  let left = most
  const content = (file: PayloadFile): PayloadFile | undefined => {
    if (file.size > largest || file.size > left) return undefined
    left -= file.size
    return file
  }
  const order = [...plan.files].sort((one, other) => Number(isRead(other)) - Number(isRead(one)))
  const files = order.map(file => ({ file, sent: content(file) }))
  const full = fileEntries(files.flatMap(({ sent }) => sent ?? []))
  const empty = files
    .filter(({ sent }) => sent === undefined)
    .map(({ file }) => ({ name: `files/${file.remote}`, mode: file.mode, content: '' }))
  return [...full, ...empty, ...settingEntries(plan, v1), endMarker]
}

const isRead = ({ remote }: PayloadFile): boolean => /\.ya?ml$|\.env|env$/i.test(remote)

/** The answer as if the directory itself had been asked. Hashes of the sketch are not those of the project. */
function unshadow(answer: Answer): Answer {
  const root = answer.text('sketch.root')
  const sections = answer.sections
    .filter(({ name }) => name !== 'writable' && !name.startsWith('hash'))
    .map(({ name, lines }) => ({
      name: name === 'sketch.writable' ? 'writable' : name.replaceAll(root, ''),
      lines: lines.map(line => line.replaceAll(root, '')),
    }))
  return answerOf(sections)
}
