/** The configuration parameters of one session, and how a database is made to act by them. */
import { quoteText } from './lexer.ts'
import { SqlError } from './messages.ts'
import { parameters, unknownParameter } from './parameters.ts'

export class SessionSettings {
  readonly #values = new Map<string, string>()

  constructor(startup: ReadonlyMap<string, string>) {
    for (const [name, value] of startup) if (name in parameters) this.#values.set(name, value)
  }

  get(name: string): string {
    const known = parameters[name]
    if (known === undefined) throw unknownParameter(name)
    return this.#values.get(name) ?? known
  }

  /** Undefined: back to the default. */
  set(name: string, value: string | undefined): void {
    if (name === 'statement_timeout' && value !== undefined && !/^\d+$/.test(value)) {
      throw new SqlError('22023', `invalid value for parameter "statement_timeout": "${value}"`)
    }
    if (value === undefined) this.#values.delete(name)
    else this.#values.set(name, value)
  }

  /** The schemas of the search path that a user may have made. */
  get path(): readonly string[] {
    const names = this.get('search_path').split(',')
    return names.map((name) => name.trim().replaceAll('"', '')).filter((name) => name !== '' && name !== '$user')
  }

  /** As SET statements; `facts` are what functions such as pg_backend_pid() answer. */
  statements(temporarySchema: string, facts: Readonly<Record<string, string | number>>): string {
    const { path } = this
    const quoted = path.map((name) => `, "${name.replaceAll('"', '""')}"`).join('')
    const double = { ...facts, schema: path[0] ?? 'public', path: path.join(',') }
    return [
      `set search_path to "${temporarySchema}", redshift, pg_catalog${quoted}`,
      'set standard_conforming_strings to off',
      'set escape_string_warning to off',
      'set backslash_quote to on',
      ...['timezone', 'datestyle', 'extra_float_digits'].map((name) => `set ${name} to ${quoteText(this.get(name))}`),
      ...Object.entries(double).map(([name, value]) => `set double.${name} to ${quoteText(String(value))}`),
    ].join('; ')
  }
}
