/**
 * A word that a POSIX shell reads back as exactly this text: in single quotes nothing is special but their end
 * (POSIX 2.2.2). For shell text that we write ourselves; a whole command for a server is `remoteCommand`'s, as
 * nobody knows which shell reads it there.
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new Error('A word of a command cannot hold a NUL byte')
  return `'${text.replaceAll("'", `'\\''`)}'`
}
