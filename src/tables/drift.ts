import { type Column, type Row, type Table, tables } from '../schema/index.ts'
import { addColumn, alterType, type Dialect, dropColumn } from '../sql-queries/index.ts'

/** A difference between a live table and the schema. */
export interface Drift {
  readonly table: string
  readonly column: string
  /** The difference as a sentence. */
  readonly difference: string
  /** The statement that fixes it, for a person to run; null if the table has to be created again. */
  readonly statement: string | null
}

/** The tables of the schema that the warehouse has, those that it lacks, and how the former differ. `live`: the columns that it has. */
export function compareTables(live: readonly Row[], dialect: Dialect) {
  const isThere = ({ name }: Table) => live.some(({ table_name }) => table_name === name)
  const existing = tables.filter(isThere)
  const missing = tables.filter((table) => !isThere(table))
  return { existing, missing, drift: existing.flatMap((table) => driftOf(table, live, dialect)) }
}

/** How a live table differs from the schema: columns that are missing, unknown, or differ in type or nullability. */
export function driftOf(table: Table, live: readonly Row[], dialect: Dialect): Drift[] {
  const columns = live.filter(({ table_name }) => table_name === table.name)
  const find = (name: string) => columns.find(({ column_name }) => column_name === name)
  const unknown = columns
    .map(({ column_name }) => String(column_name))
    .filter((name) => !table.columns.some((column) => column.name === name))
  return [
    ...table.columns.filter(({ name }) => !find(name)).map((column) => missing(table, column, dialect)),
    ...unknown.map((name) => ({
      table: table.name,
      column: name,
      difference: `${table.name}.${name} is not in the schema.`,
      statement: /^[a-z][a-z0-9_]*$/.test(name) ? dropColumn(table, name) : null,
    })),
    ...table.columns.flatMap((column) => {
      const found = find(column.name)
      return found ? changed(table, column, found, dialect) : []
    }),
  ]
}

function missing(table: Table, column: Column, dialect: Dialect): Drift {
  return {
    table: table.name,
    column: column.name,
    difference: `${table.name}.${column.name} is missing.`,
    // Existing rows would have null in a new column.
    statement: column.required ? null : addColumn(table, column, dialect),
  }
}

function changed(table: Table, column: Column, live: Row, dialect: Dialect): Drift[] {
  const place = { table: table.name, column: column.name }
  const name = `${table.name}.${column.name}`
  const expected = dialect.columnType(column.type)
  const type = liveType(live)
  const isNullable = live.is_nullable === 'YES'
  const drift: Drift[] = []
  if (type !== expected)
    drift.push({
      ...place,
      difference: `${name} is ${type}; in the schema it is ${expected}.`,
      // The only change of type that Redshift allows is to a longer varchar.
      statement: lengthOf(expected) > lengthOf(type) ? alterType(table, column, dialect) : null,
    })
  if (isNullable === (column.required === true))
    drift.push({
      ...place,
      difference: `${name} is ${isNullable ? 'nullable' : 'not null'}; in the schema it is ${isNullable ? 'not null' : 'nullable'}.`,
      statement: null,
    })
  return drift
}

/** The bytes of a `varchar(n)`; for other types NaN, which compares as not longer. */
const lengthOf = (type: string): number => Number(/^varchar\((\d+)\)$/.exec(type)?.[1])

/** The type of a live column, as the dialects write it. */
function liveType({ data_type, character_maximum_length, numeric_precision, numeric_scale }: Row): string {
  const type = String(data_type).toLowerCase()
  if (type.startsWith('character varying')) return `varchar(${character_maximum_length})`
  if (type === 'numeric') return `decimal(${numeric_precision},${numeric_scale})`
  return type.replace(' without time zone', '')
}
