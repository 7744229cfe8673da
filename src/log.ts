import { clearLine, cursorTo } from 'node:readline'
import { styleText } from 'node:util'

import { counted, duration, escapeControl, escapeControlLines, shorten } from './text.ts'

/** Messages of a running command. They go to stderr, one line per step. */
export interface Log {
  /** A finished step: verb, object, result, and how long it took in ms. */
  done(verb: string, object: string, result: string, milliseconds?: number): void
  /** Text as it is; it may have several lines. */
  line(text: string): void
  /** What is happening now, with its pace if `part` is given. Shown on a terminal only; the next line replaces it. */
  progress(text: string, part?: Part): void
  warn(text: string): void
  /** The share of the current step that is done, in percent. */
  share(percent: number): void
  /** Removes the progress from the screen. */
  clear(): void
}

/** How much is done, counted in `unit`, a singular noun. */
export interface Part {
  readonly done: number
  readonly total: number
  readonly unit: string
}

const showColour = process.stderr.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const showProgress = process.stderr.isTTY && process.env.TERM !== 'dumb'

/**
 * A part as text: `3,000 of 14,896 objects, 1,500/s, 7.9 s left`. The pace is measured since `since`, the part that was done
 * `milliseconds` ago. It is left out if less than a tenth of a second has passed or nothing was done.
 */
export function pace({ done, total, unit }: Part, since: Pick<Part, 'done'>, milliseconds: number): string {
  const amount = `${done.toLocaleString('en-US')} of ${counted(total, unit)}`
  const more = done - since.done
  if (milliseconds < 100 || more <= 0) return amount
  const rate = (1000 * more) / milliseconds
  const left = (1000 * Math.max(0, total - done)) / rate
  const digits = rate < 10 ? 1 : 0
  return `${amount}, ${rate.toLocaleString('en-US', { maximumFractionDigits: digits })}/s, ${duration(left)} left`
}

export function terminalLog(): Log {
  const style = (format: 'dim' | 'yellow', text: string) =>
    showColour ? styleText(format, text, { validateStream: false }) : text
  const clear = () => {
    clearInterval(ticking)
    if (!showProgress) return
    cursorTo(process.stderr, 0)
    clearLine(process.stderr, 0)
  }
  const write = (line: string) => {
    clear()
    process.stderr.write(`${line}\n`)
  }
  let since: { key: string; done: number; at: number } | undefined
  /** The progress that was shown last, and since when (ms). */
  let now = { said: '', since: 0 }
  let ticking: NodeJS.Timeout | undefined
  const show = (said: string) => {
    clear()
    // A line that wraps could not be removed from the screen.
    process.stderr.write(shorten(escapeControl(`… ${said}`), (process.stderr.columns || 80) - 1))
    // Shows the elapsed time while a step reports nothing.
    const elapsed = () => duration(Math.round((performance.now() - now.since) / 1000) * 1000)
    ticking = setInterval(() => show(`${now.said}, ${elapsed()}`), 1000).unref()
  }
  return {
    done(verb, object, result, milliseconds) {
      const took = milliseconds === undefined ? '' : style('dim', `  ${duration(milliseconds)}`)
      write(`${style('dim', verb.padEnd(9))} ${escapeControl(object.padEnd(14))} ${escapeControl(result)}${took}`)
    },
    line: (text) => write(escapeControlLines(text)),
    progress(text, part) {
      if (!showProgress) return
      let said = text
      if (part !== undefined) {
        const key = `${text} ${part.unit}`
        if (since?.key !== key) since = { key, done: part.done, at: performance.now() }
        said = `${text}: ${pace(part, since, performance.now() - since.at)}`
      }
      now = { said, since: performance.now() }
      show(said)
    },
    share(percent) {
      if (!showProgress || now.said === '') return
      const elapsed = performance.now() - now.since
      const left = percent > 5 && percent < 100 ? `, about ${duration((elapsed * (100 - percent)) / percent)} left` : ''
      show(`${now.said}: ${Math.floor(percent)} %, ${duration(elapsed)}${left}`)
    },
    warn: (text) => write(style('yellow', escapeControl(text))),
    clear,
  }
}
