// node bare-duckdb.cjs DATABASE FILE.sql…: runs the files and prints the rows of the last.
const { readFileSync } = require('node:fs')
const { DuckDBInstance } = require('@duckdb/node-api')

async function main([database, ...files]) {
  const instance = await DuckDBInstance.create(database)
  const connection = await instance.connect()
  let rows = []
  for (const file of files) rows = (await connection.runAndReadAll(readFileSync(file, 'utf8'))).getRows()
  for (const row of rows) console.log(row.join('|'))
  connection.closeSync()
  instance.closeSync()
}

void main(process.argv.slice(2))
