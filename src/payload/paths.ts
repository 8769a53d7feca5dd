import { dirname, relative } from 'node:path'

/** Whether a normalized path is relative, stays inside its base directory, and is not in Slipway's own `.slipway`. */
export const staysInside = (path: string): boolean =>
  !path.startsWith('/') && path !== '..' && !path.startsWith('../') && !/^\.slipway(?:\/|$)/.test(path)

/** Whether an absolute path is the directory itself or inside it. */
export const isWithin = (path: string, directory: string): boolean =>
  !/^\.\.(?:\/|$)/.test(relative(directory, path))

/** Returns the parent directories of a path, the nearest first. */
export function parentsOf(path: string): string[] {
  const parent = dirname(path)
  return parent === '.' || parent === path ? [] : [parent, ...parentsOf(parent)]
}

/**
 * Whether a name has a control character or a backslash. `sha256sum` escapes such names, so its lines would not
 * match.
 */
export const hasControl = (name: string): boolean =>
  [...name].some(char => char < ' ' || char === '\x7f' || char === '\\')
