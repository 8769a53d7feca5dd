/** What the README gives to paste: its first workflow, the commands of the set-up, the compose file. */
export interface Pasted {
  readonly workflow: string
  readonly commands: string
  readonly compose: string
}

/** Throws when the README's first blocks are not these three. */
export function readPasted(readme: string): Pasted {
  const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text = '']) => ({
    language,
    text,
  }))
  const [workflow, commands, compose] = blocks
  if (workflow?.language !== 'yaml' || commands?.language !== 'sh' || compose?.language !== 'yaml')
    throw new Error(
      'the README does not begin with a workflow, the commands of the set-up, and a compose file',
    )
  return { workflow: workflow.text, commands: commands.text, compose: compose.text }
}
