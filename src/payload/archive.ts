import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { Failure, type Stage } from '../core/errors.ts'

/** A file to archive: a file of this machine, or a text. */
export interface Entry {
  /** The path in the archive: relative, with `/`. */
  readonly name: string
  readonly mode: number
  /** A file, a text, or a function that returns the text; it is called when the entry is written. */
  readonly content: { readonly path: string; readonly size: number } | string | (() => string)
  /** Receives the SHA-256 of the content in hex, once the entry is written. */
  readonly onWritten?: (digest: string) => void
}

/** The size of a tar record, in bytes. */
const record = 512

/**
 * Streams a tar of the entries (POSIX ustar, with GNU's records for long names, which busybox reads too). Holds at most
 * one piece of one file in memory. Throws a Failure of the stage if a file no longer has its `size`.
 */
export async function* archive(entries: Iterable<Entry>, stage: Stage): AsyncGenerator<Uint8Array> {
  for (const { name, mode, content, onWritten } of entries) {
    const hash = onWritten && createHash('sha256')
    if (typeof content === 'object' && content.size > small) {
      yield header(name, mode, content.size)
      for await (const piece of contentOf(content.path, content.size, stage)) {
        hash?.update(piece)
        yield piece
      }
      yield Buffer.alloc(padding(content.size))
    } else {
      const { bytes, body } = wholeEntry(name, mode, content, stage)
      hash?.update(body)
      yield bytes
    }
    if (hash !== undefined) onWritten?.(hash.digest('hex'))
  }
  yield Buffer.alloc(2 * record)
}

const padding = (size: number): number => -size & (record - 1)

/** Files of up to this size, in bytes, are read at once. */
const small = 512 * 1024

/**
 * Returns header, content and padding as one piece. Reads the file synchronously: with many small files, waiting for
 * each takes longer than reading it.
 */
function wholeEntry(name: string, mode: number, content: Entry['content'], stage: Stage) {
  const text = typeof content === 'function' ? content() : content
  const size = typeof text === 'string' ? Buffer.byteLength(text) : text.size
  const head = header(name, mode, size)
  const bytes = Buffer.allocUnsafe(head.length + size + padding(size))
  bytes.set(head)
  const body = bytes.subarray(head.length, head.length + size)
  if (typeof text === 'string') body.write(text)
  else fill(body, text.path, stage)
  bytes.fill(0, head.length + size)
  return { bytes, body }
}

function fill(bytes: Buffer, path: string, stage: Stage): void {
  const file = opened(path, stage)
  try {
    for (let done = 0; done < bytes.length; ) {
      const more = readSync(file, bytes, done, bytes.length - done, null)
      if (more === 0) throw changed(path, stage)
      done += more
    }
    if (readSync(file, Buffer.alloc(1), 0, 1, null) !== 0) throw changed(path, stage)
  } finally {
    closeSync(file)
  }
}

function opened(path: string, stage: Stage): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new Failure(stage, {
      input: 'files',
      cause: `${path} can no longer be read (${(error as NodeJS.ErrnoException).code}).`,
      remedy: 'Stop whatever moves or removes the file in an earlier step, or remove it from `files`.',
    })
  }
}

const changed = (path: string, stage: Stage): Failure =>
  new Failure(stage, {
    input: 'files',
    cause: `The size of ${path} changed while it was uploaded.`,
    remedy: 'Stop whatever writes to the file in an earlier step, or remove it from `files`.',
  })

async function* contentOf(path: string, size: number, stage: Stage): AsyncGenerator<Uint8Array> {
  let remaining = size
  for await (const chunk of createReadStream(path, {
    fd: opened(path, stage),
    highWaterMark: 256 * 1024,
    start: 0,
    end: size,
  })) {
    remaining -= (chunk as Buffer).length
    if (remaining < 0) throw changed(path, stage)
    yield chunk as Buffer
  }
  if (remaining > 0) throw changed(path, stage)
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

/** Renders a number in octal with leading zeros. A size has eleven digits, enough for files of up to 8 GiB. */
const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0')
