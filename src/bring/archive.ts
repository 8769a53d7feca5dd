import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** A file of an archive: of this machine by its path, or by its text. */
export interface Entry {
  /** In the archive: relative, with `/`. */
  readonly name: string
  readonly mode: number
  readonly content: { readonly path: string; readonly size: number } | string
}

/** tar's records. */
const record = 512

/**
 * A tar of the entries (POSIX ustar, with GNU's records for long names, which busybox reads too), made as it is read:
 * in memory is never more than a piece of one file. A file that is not as long as it was is an error.
 */
export async function* archive(entries: Iterable<Entry>): AsyncGenerator<Uint8Array> {
  for (const { name, mode, content } of entries) {
    const size = typeof content === 'string' ? Buffer.byteLength(content) : content.size
    const end = Buffer.alloc(-size & (record - 1))
    if (size > small) {
      yield header(name, mode, size)
      yield* typeof content === 'string' ? [Buffer.from(content)] : contentOf(content.path, size)
      yield end
    } else {
      // Many small pieces cost more than what is in them.
      yield Buffer.concat([header(name, mode, size), await whole(content, size), end])
    }
  }
  yield Buffer.alloc(2 * record)
}

/** In bytes: what is read at once. */
const small = 512 * 1024

async function whole(content: Entry['content'], size: number): Promise<Uint8Array> {
  if (typeof content === 'string') return Buffer.from(content)
  const bytes = await readFile(content.path)
  if (bytes.length < size) throw shorter(content.path)
  return bytes.subarray(0, size)
}

const shorter = (path: string): Error => new Error(`${path} became shorter while it was read`)

async function* contentOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  let left = size
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024, end: size - 1 })) {
    left -= (chunk as Buffer).length
    yield chunk as Buffer
  }
  if (left > 0) throw shorter(path)
}

function header(name: string, mode: number, size: number): Buffer {
  const bytes = Buffer.from(name)
  if (bytes.length <= 100) return block(bytes, mode, size, '0')
  const long = Buffer.concat([bytes, Buffer.alloc(record - (bytes.length % record))])
  return Buffer.concat([
    block(Buffer.from('././@LongLink'), 0o644, bytes.length + 1, 'L'),
    long,
    block(bytes.subarray(0, 100), mode, size, '0'),
  ])
}

function block(name: Uint8Array, mode: number, size: number, type: string): Buffer {
  const head = Buffer.alloc(record)
  head.set(name, 0)
  head.write(octal(mode, 8), 100)
  head.write(octal(0, 8), 108)
  head.write(octal(0, 8), 116)
  head.write(octal(size, 12), 124)
  head.write(octal(Math.floor(Date.now() / 1000), 12), 136)
  head.write('        ', 148)
  head.write(type, 156)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${octal(sum, 7)}\0 `, 148)
  return head
}

/** Eleven digits hold 8 GiB. */
const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0')
