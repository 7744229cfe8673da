/** Every SQL statement as text, made from the schema. Doesn't use any database client. */

export * from './bookkeeping.ts'
export * from './checks.ts'
export * from './diagnosis.ts'
export * from './dialect.ts'
export * from './dimensions.ts'
export * from './fix-encoding.ts'
export * from './plays-view.ts'
export * from './songplays.ts'
export * from './sql.ts'
export * from './staging.ts'
export * from './tables.ts'
