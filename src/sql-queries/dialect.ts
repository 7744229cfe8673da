import type { ColumnType, Table } from '../schema/index.ts'
import { identifier, list, type Sql, sql } from './sql.ts'

/** The SQL that differs between the engines. All other SQL in this folder is the same for both. */
export interface Dialect {
  readonly name: 'duckdb' | 'redshift'
  columnType(type: ColumnType): Sql
  /** Text after the closing bracket of a `create table`, starting with a new line; may be empty. */
  tableOptions(table: Table): Sql
  /** False if the engine has comments on columns of tables only. */
  readonly commentsOnViewColumns: boolean
  /** Length in bytes of UTF-8. */
  byteLength(text: Sql): Sql
  /** The bytes of a text in UTF-8, each as two upper-case hexadecimal digits and a blank: `42 6A C3 B6 `. */
  spacedHex(text: Sql): Sql
  /** Text from its bytes in hexadecimal, without blanks. They must be valid UTF-8. */
  textOfHex(hex: Sql): Sql
}

const raw = (text: string) => text as Sql

export const duckdb: Dialect = {
  name: 'duckdb',
  columnType: (type) => raw(type.startsWith('text') ? 'varchar' : type),
  tableOptions: () => raw(''),
  commentsOnViewColumns: true,
  byteLength: (text) => sql`strlen(${text})`,
  spacedHex: (text) => sql`regexp_replace(hex(${text}), '(..)', '\\1 ', 'g')`,
  textOfHex: (hex) => sql`decode(from_hex(${hex}))`,
}

export const redshift: Dialect = {
  name: 'redshift',
  columnType: (type) => raw(type.replace(/^text/, 'varchar').replace(/^double$/, 'double precision')),
  tableOptions: ({ distribution, sortKey }) => {
    const style = sql`diststyle ${identifier(distribution)}`
    const sorted = sortKey.length === 0 ? [] : [sql`sortkey (${list(sortKey.map(identifier))})`]
    return raw(`\n${[style, ...sorted].join('\n')}`)
  },
  commentsOnViewColumns: false,
  byteLength: (text) => sql`octet_length(${text})`,
  spacedHex: (text) => sql`regexp_replace(upper(to_hex(to_varbyte(${text}, 'utf8'))), '(..)', '$1 ')`,
  textOfHex: (hex) => sql`from_varbyte(to_varbyte(${hex}, 'hex'), 'utf8')`,
}
