import { closest } from 'fastest-levenshtein'
import { refusal } from '../../errors.ts'
import { lineDials } from './dials.ts'
import type { Defects } from './inject.ts'
import { objectDials } from './object-dials.ts'

/** The names of all dials. */
export const dialNames: readonly string[] = [...lineDials, ...objectDials].map(({ name }) => name)

const most = 100_000

/**
 * Reads `not-json=3,wrong-type=2`; `all=1` sets each dial that is not named.
 * @throws UserError if a name or a number is wrong.
 */
export function parseDefects(text: string): Defects {
  const set = new Map<string, number>()
  for (const setting of text.split(',')) {
    const [name = '', count = '', ...surplus] = setting.trim().split('=')
    if (name !== 'all' && !dialNames.includes(name))
      throw refusal(
        `There is no defect ${name || '""'}.`,
        `Did you mean ${closest(name, dialNames)}? --help names all.`,
      )
    if (!/^\d{1,6}$/.test(count) || Number(count) > most || surplus.length > 0)
      throw refusal(
        `The defect ${setting.trim()} has no number that can be used.`,
        `Give a whole number from 0 to ${most.toLocaleString('en-US')}, such as ${name}=3.`,
      )
    if (set.has(name)) throw refusal(`The defect ${name} is there twice.`, 'Give one number for it.')
    set.set(name, Number(count))
  }
  const all = set.get('all') ?? 0
  return Object.fromEntries(dialNames.map((name) => [name, set.get(name) ?? all]))
}
