/**
 * Preloaded into a command on DuckDB: numbers its steps, which are what can be half done (statements that change something,
 * rows appended, the database opened and closed, files written beside it), and sends the process SIGKILL at KILL_AT: `7 before`,
 * `7 after`, or `120000 bytes`, when the database and its log have that size on the disk. Writes each step that ended to KILL_LOG,
 * one line of JSON each.
 */
const fs = require('node:fs')
const { Worker } = require('node:worker_threads')
const { DuckDBAppender, DuckDBConnection, DuckDBInstance } = require('@duckdb/node-api')

const { KILL_AT = '', KILL_LOG } = process.env
const [number, moment] = KILL_AT.split(' ')
const die = () => process.kill(process.pid, 'SIGKILL')
const { appendFileSync } = fs
let steps = 0
let database

function bytesOf(file) {
  return [file, `${file}.wal`].reduce((sum, each) => sum + (fs.statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0)
}

/** Watches from a thread of its own: DuckDB writes while this one waits for it. */
function watchBytes(file) {
  database = file
  if (moment !== 'bytes') return
  const program = `
    const fs = require('node:fs')
    const { file, wanted } = require('node:worker_threads').workerData
    ${bytesOf}
    while (bytesOf(file) < wanted);
    process.kill(process.pid, 'SIGKILL')`
  new Worker(program, { eval: true, workerData: { file, wanted: Number(number) } }).unref()
}

function begin() {
  steps += 1
  if (String(steps) === number && moment === 'before') die()
}

function end(step, name) {
  const bytes = bytesOf(database)
  if (KILL_LOG) appendFileSync(KILL_LOG, `${JSON.stringify({ step, name, bytes })}\n`)
  if (String(step) === number && moment === 'after') die()
  // At the latest now, however slow that thread is.
  if (moment === 'bytes' && bytes >= Number(number)) die()
}

/** Makes calls of a method steps, where `nameOf` names them. */
function watch(owner, method, nameOf) {
  const original = owner[method]
  owner[method] = function (...args) {
    const name = nameOf(...args)
    if (name === undefined) return original.apply(this, args)
    begin()
    const step = steps
    const result = original.apply(this, args)
    if (!(result instanceof Promise)) {
      end(step, name)
      return result
    }
    return result.then((value) => {
      end(step, name)
      return value
    })
  }
}

watch(DuckDBInstance, 'create', (file) => {
  watchBytes(file)
  return 'open the database'
})
watch(DuckDBInstance.prototype, 'closeSync', () => 'close the database')
watch(DuckDBConnection.prototype, 'run', (statement) =>
  /^\s*(select|with)\b/.test(statement) ? undefined : statement.replace(/\s+/g, ' ').slice(0, 60),
)
watch(DuckDBAppender.prototype, 'closeSync', () => 'append rows')
for (const method of ['mkdirSync', 'openSync', 'rmSync', 'appendFileSync', 'truncateSync'])
  watch(fs, method, (path) =>
    String(path).includes('.spool') ? `${method} ${/[^/]*\.spool.*/.exec(path)}` : undefined,
  )
watch(fs, 'writeFileSync', (file) => (typeof file === 'number' ? 'write a screened file' : undefined))
