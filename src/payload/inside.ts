import { dirname, relative } from 'node:path'

/** Whether a normalized relative path stays where it begins, and out of what the deploys keep there. */
export const inside = (path: string): boolean =>
  !path.startsWith('/') && path !== '..' && !path.startsWith('../') && !/^\.slipway(?:\/|$)/.test(path)

/** Whether an absolute path is a directory itself, or in it. */
export const within = (path: string, directory: string): boolean =>
  !/^\.\.(?:\/|$)/.test(relative(directory, path))

/** The directories that a path goes through, from the nearest on. */
export function parentsOf(path: string): string[] {
  const parent = dirname(path)
  return parent === '.' || parent === path ? [] : [parent, ...parentsOf(parent)]
}

/** Control characters and the backslash, which `sha256sum` writes in another way. */
export const hasControl = (name: string): boolean =>
  [...name].some(char => char < ' ' || char === '\x7f' || char === '\\')
