/** Whether a normalized relative path stays where it begins, and out of what the deploys keep there. */
export const inside = (path: string): boolean =>
  !path.startsWith('/') && path !== '..' && !path.startsWith('../') && !/^\.slipway(?:\/|$)/.test(path)
