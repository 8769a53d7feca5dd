import type { Problem } from '../core/errors.ts'
import { armour, isKnownCipher, readOpenSshKey } from './openssh-key.ts'
import { publicKeyType } from './wire.ts'

/** A private key as it is kept in a plan: in the layout that every tool reads, still encrypted if it was. */
export interface KeyText {
  readonly text: string
  readonly encrypted: boolean
}

export const isProblem = (value: object): value is Problem => 'cause' in value

/**
 * Puts a private key back into shape: secrets are pasted with CRLF, indentation, quotes, `\n` for newlines, blanks
 * for newlines, or wrapped in base64 once more. What cannot be one is told by its name.
 */
export function repairKey(given: string): KeyText | Problem {
  const text = unwrap(given)
  const block = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)(?:-----END \1-----|$)/.exec(text)
  const [whole, label = '', content = ''] = block ?? []
  if (whole === undefined) return notPrivate(text)
  if (!whole.includes('-----END ')) return problem('ends before its `-----END` line', setAgain)
  const { headers, base64 } = dissect(content)
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) {
    return problem(
      'contains characters that no key has',
      'Copy the file itself, not what a program shows of it.',
    )
  }
  const keyText = { text: armour(label, base64, headers), encrypted: false }
  if (label === 'OPENSSH PRIVATE KEY') return checkOpenSsh(keyText, base64)
  if (label === 'DSA PRIVATE KEY') return dsa
  if (label.startsWith('SSH2 ')) return foreign('an ssh.com private key', 'ssh-keygen -i -f KEY > NEW')
  return { ...keyText, encrypted: label === 'ENCRYPTED PRIVATE KEY' || headers !== '' }
}

/** Removes quotes, escapes and base64 around the text of the key. */
function unwrap(given: string): string {
  const text = given
    .replace(/^\uFEFF/, '')
    .replace(/(\\r)?\\n/g, '\n')
    .replace(/\r\n?/g, '\n')
    .trim()
    .replace(/^(["'`]+)([\s\S]*?)\1$/, '$2')
    .trim()
  const packed = text.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]{40,}=*$/.test(packed)) return text
  const bytes = Buffer.from(packed, 'base64')
  if (readOpenSshKey(bytes) !== undefined) return armour('OPENSSH PRIVATE KEY', packed)
  const inner = bytes.toString()
  return inner.includes('-----BEGIN ') ? unwrap(inner) : text
}

/** Parts what stands between the dashes: the headers of an encrypted PEM (RFC 1421), and base64. */
function dissect(content: string): { headers: string; base64: string } {
  const header = /Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9-]+)\s*,\s*([0-9A-Fa-f]+)\s/.exec(
    content,
  )
  const body = header === null ? content : content.slice(header.index + header[0].length)
  const headers =
    header === null ? '' : `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${header[1]},${header[2]?.toUpperCase()}\n\n`
  return { headers, base64: body.replace(/\s/g, '') }
}

function checkOpenSsh(keyText: KeyText, base64: string): KeyText | Problem {
  const key = readOpenSshKey(Buffer.from(base64, 'base64'))
  if (key === undefined) return problem('is damaged: it is not a complete OpenSSH key', setAgain)
  const type = publicKeyType(key.publicKey)
  if (type === 'ssh-dss') return dsa
  if (type.startsWith('sk-')) {
    return problem('is on a security key, which nobody can touch in a workflow', generate)
  }
  if (key.cipher === 'none') return keyText
  if (isKnownCipher(key.cipher) && key.kdf === 'bcrypt') return { ...keyText, encrypted: true }
  return foreign(`encrypted with ${key.cipher}`, 'ssh-keygen -p -Z aes256-ctr -f KEY')
}

const problem = (what: string, remedy: string): Problem => ({
  input: 'ssh-key',
  cause: `\`ssh-key\` ${what}.`,
  remedy,
})

/** Keeps newlines as they are, which a paste into the web page may not. */
const setAgain = 'Store the whole file as the secret again: `gh secret set SSH_KEY <KEY-FILE`.'

const foreign = (what: string, command: string): Problem =>
  problem(`is ${what}`, `Convert it (\`${command}\`) and store the result as the secret.`)

const generate =
  'Make a key for deploys (`ssh-keygen -t ed25519 -f deploy_key`), add deploy_key.pub to `~/.ssh/authorized_keys` ' +
  'on the server, and store the content of deploy_key as the secret.'

const dsa = problem('is a DSA key, which OpenSSH no longer accepts', generate)

export const missingPassphrase: Problem = {
  input: 'ssh-passphrase',
  cause: '`ssh-key` is encrypted and `ssh-passphrase` is empty.',
  remedy:
    'Set `ssh-passphrase` from a secret, or use a key without a passphrase (`ssh-keygen -p -N "" -f KEY`).',
}

/** Says what a text is that has no private key in it; the text itself may be a secret all the same. */
function notPrivate(text: string): Problem {
  if (/^PuTTY-User-Key-File-/.test(text)) {
    return foreign('a PuTTY key', 'puttygen KEY.ppk -O private-openssh -o NEW')
  }
  if (/^\S+-cert-v0\d@openssh\.com\s/.test(text)) {
    return problem(
      'is a certificate, which cannot be used here',
      'Give the private key, without a certificate.',
    )
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(text) || /^-+ ?BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(text)) {
    return problem('is a public key', 'Store the private one: the file of the same name without `.pub`.')
  }
  if (/^[~./]\S*$/.test(text))
    return problem(
      'is a path',
      'Store the content of the file as a secret, and use that: `ssh-key: ${{ secrets.SSH_KEY }}`.',
    )
  return problem('is not a private key: it has no `-----BEGIN … PRIVATE KEY-----` line', generate)
}
