/**
 * The star by the shortest way there is in DuckDB: what a person would paste into its shell.
 *
 *     node bench/references/bare-duckdb.cjs DATABASE FILE.sql… [NAME=VALUE…]
 *
 * Runs each file against the database; `{NAME}` in them becomes VALUE. Prints the rows of the last statement as JSON.
 */
const { readFileSync } = require('node:fs')
const { DuckDBInstance } = require('@duckdb/node-api')

async function main([database, ...args]) {
  const values = Object.fromEntries(args.filter((arg) => arg.includes('=')).map((arg) => arg.split('=')))
  const instance = await DuckDBInstance.create(database)
  const connection = await instance.connect()
  for (const file of args.filter((arg) => !arg.includes('='))) {
    const text = readFileSync(file, 'utf8').replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole)
    const result = await connection.runAndReadAll(text)
    if (result.columnCount > 0) process.stdout.write(`${JSON.stringify(result.getRowObjectsJson())}\n`)
  }
  connection.closeSync()
  instance.closeSync()
}

void main(process.argv.slice(2))
