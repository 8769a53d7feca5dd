import type { Problem } from '../core/errors.ts'
import { isKnownCipher, pemBlock, readOpenSshKey } from './openssh-key.ts'
import { publicKeyType } from './wire.ts'

/** A private key as the plan holds it: in the layout that every tool reads, still encrypted if it was. */
export interface KeyText {
  readonly text: string
  readonly encrypted: boolean
}

export const isProblem = (value: object): value is Problem => 'cause' in value

/**
 * Repairs the layout of a private key. Secrets get pasted with CRLF, indentation, quotes, literal `\n` or blanks
 * instead of newlines, or encoded in base64 once more. Returns a Problem that names what the text is if it is not a
 * private key.
 */
export function repairKey(given: string): KeyText | Problem {
  const text = unwrap(given)
  const block = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)(?:-----END \1-----|$)/.exec(text)
  const [whole, label = '', content = ''] = block ?? []
  if (whole === undefined) return notPrivateKey(text)
  if (!whole.includes('-----END ')) return problem('ends before its `-----END` line', storeAgain)
  const { headers, base64 } = splitHeaders(content)
  if (!/^[A-Za-z0-9+/]+=*$/.test(base64)) {
    return problem(
      'contains characters that no key has',
      'Copy the content of the file itself, not the output of another program.',
    )
  }
  const keyText = { text: pemBlock(label, base64, headers), encrypted: false }
  if (label === 'OPENSSH PRIVATE KEY') return checkOpenSsh(keyText, base64)
  if (label === 'DSA PRIVATE KEY') return dsa
  if (label.startsWith('SSH2 '))
    return needsConversion('an ssh.com private key', 'ssh-keygen -i -f KEY > NEW')
  return { ...keyText, encrypted: label === 'ENCRYPTED PRIVATE KEY' || headers !== '' }
}

/** Removes quotes, escapes and an outer base64 encoding from the text of the key. */
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
  if (readOpenSshKey(bytes) !== undefined) return pemBlock('OPENSSH PRIVATE KEY', packed)
  const inner = bytes.toString()
  return inner.includes('-----BEGIN ') ? unwrap(inner) : text
}

/** Splits the content of a PEM block into the headers of an encrypted key (RFC 1421), and the base64 text. */
function splitHeaders(content: string): { headers: string; base64: string } {
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
  if (key === undefined) return problem('is damaged: it is not a complete OpenSSH key', storeAgain)
  const type = publicKeyType(key.publicKey)
  if (type === 'ssh-dss') return dsa
  if (type.startsWith('sk-')) {
    return problem('belongs to a security key, which nobody can touch in a workflow', generate)
  }
  if (key.cipher === 'none') return keyText
  if (isKnownCipher(key.cipher) && key.kdf === 'bcrypt') return { ...keyText, encrypted: true }
  return needsConversion(`encrypted with ${key.cipher}`, 'ssh-keygen -p -Z aes256-ctr -f KEY')
}

const problem = (what: string, remedy: string): Problem => ({
  input: 'ssh-key',
  cause: `\`ssh-key\` ${what}.`,
  remedy,
})

/** The command keeps the newlines, which may get lost when the key is pasted into the web page. */
const storeAgain = 'Store the whole file as the secret again: `gh secret set SSH_KEY <KEY-FILE`.'

const needsConversion = (what: string, command: string): Problem =>
  problem(`is ${what}`, `Convert it (\`${command}\`) and store the result as the secret.`)

const generate =
  'Generate a deploy key (`ssh-keygen -t ed25519 -f deploy_key`), add deploy_key.pub to `~/.ssh/authorized_keys` ' +
  'on the server, and store the content of deploy_key as the secret.'

const dsa = problem('is a DSA key, which OpenSSH no longer accepts', generate)

export const missingPassphrase: Problem = {
  input: 'ssh-passphrase',
  cause: '`ssh-key` is encrypted and `ssh-passphrase` is empty.',
  remedy:
    'Set `ssh-passphrase` from a secret, or use a key without a passphrase (`ssh-keygen -p -N "" -f KEY`).',
}

/** Explains what a text without a private key is. Never quotes the text, as it may still be a secret. */
function notPrivateKey(text: string): Problem {
  if (/^PuTTY-User-Key-File-/.test(text)) {
    return needsConversion('a PuTTY key', 'puttygen KEY.ppk -O private-openssh -o NEW')
  }
  if (/^\S+-cert-v0\d@openssh\.com\s/.test(text)) {
    return problem(
      'is a certificate, which cannot be used here',
      'Set `ssh-key` to the private key, without a certificate.',
    )
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(text) || /^-+ ?BEGIN [A-Z0-9 ]*PUBLIC KEY/.test(text)) {
    return problem('is a public key', 'Store the private key: the file of the same name without `.pub`.')
  }
  if (/^[~./]\S*$/.test(text))
    return problem(
      'is a path',
      'Store the content of the file as a secret, and use that: `ssh-key: ${{ secrets.SSH_KEY }}`.',
    )
  return problem('is not a private key: it has no `-----BEGIN … PRIVATE KEY-----` line', generate)
}
