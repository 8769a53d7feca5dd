/** Notices a push that makes no progress. */
export interface StallWatch {
  readonly signal: AbortSignal
  readonly heard: (line: string) => void
  readonly end: () => void
}

/**
 * Aborts its signal when a push has begun and then nothing is said for so many milliseconds. A step of the
 * Dockerfile may be silent for as long as it likes.
 */
export function watchStall(patience: number): StallWatch {
  const controller = new AbortController()
  let pushing: string | undefined
  let timer: NodeJS.Timeout | undefined
  const arm = () => {
    clearTimeout(timer)
    if (pushing !== undefined) timer = setTimeout(() => controller.abort(), patience)
  }
  return {
    signal: controller.signal,
    heard(line) {
      const [, step, word] = /^(#\d+) (pushing|writing|DONE|ERROR|CANCELED)\b/.exec(line) ?? []
      if (word === 'pushing' || word === 'writing') pushing = step
      else if (step !== undefined && step === pushing) pushing = undefined
      arm()
    },
    end: () => clearTimeout(timer),
  }
}
