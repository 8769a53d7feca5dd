/** The blocks of the README that readers copy: the first workflow, the set-up commands, the compose file. */
export interface ReadmeBlocks {
  readonly workflow: string
  readonly commands: string
  readonly compose: string
}

/** Parses the README. Throws unless its first code blocks are these three. */
export function readBlocks(readme: string): ReadmeBlocks {
  const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, text = '']) => ({
    language,
    text,
  }))
  const [workflow, commands, compose] = blocks
  if (workflow?.language !== 'yaml' || commands?.language !== 'sh' || compose?.language !== 'yaml')
    throw new Error(
      'the first code blocks of the README are not a workflow, the set-up commands and a compose file',
    )
  return { workflow: workflow.text, commands: commands.text, compose: compose.text }
}
