/**
 * Preloaded into a command on DuckDB: numbers its deeds, which are what can be half-done (statements that change something,
 * rows appended, the database opened and closed, files written beside it), and sends the process SIGKILL at KILL_AT: `7 before`,
 * `7 after`, or `7 during 1.5`, so many ms after it began. Writes each deed that ended to KILL_LOG, a line of JSON.
 */
const fs = require('node:fs')
const { Worker } = require('node:worker_threads')
const { DuckDBAppender, DuckDBConnection, DuckDBInstance } = require('@duckdb/node-api')

const { KILL_AT = '', KILL_LOG } = process.env
const [number, moment, milliseconds] = KILL_AT.split(' ')
const die = () => process.kill(process.pid, 'SIGKILL')
const { appendFileSync } = fs
let deeds = 0

/** Waits in a thread of its own: DuckDB's synchronous calls would hold up a timer of this one. */
const alarm = moment === 'during' ? new Int32Array(new SharedArrayBuffer(4)) : undefined
if (alarm) {
  const program = `
    const { alarm, milliseconds } = require('node:worker_threads').workerData
    Atomics.wait(alarm, 0, 0)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
    process.kill(process.pid, 'SIGKILL')`
  new Worker(program, { eval: true, workerData: { alarm, milliseconds: Number(milliseconds) } }).unref()
}

function begin() {
  deeds += 1
  if (String(deeds) !== number) return
  if (moment === 'before') die()
  if (!alarm) return
  Atomics.store(alarm, 0, 1)
  Atomics.notify(alarm, 0)
}

function end(deed, name, start) {
  if (KILL_LOG) appendFileSync(KILL_LOG, `${JSON.stringify({ deed, name, milliseconds: performance.now() - start })}\n`)
  if (String(deed) === number && moment === 'after') die()
}

/** Makes calls of a method deeds, where `nameOf` names them. */
function watch(owner, method, nameOf) {
  const original = owner[method]
  owner[method] = function (...args) {
    const name = nameOf(...args)
    if (name === undefined) return original.apply(this, args)
    begin()
    const deed = deeds
    const start = performance.now()
    const result = original.apply(this, args)
    if (!(result instanceof Promise)) {
      end(deed, name, start)
      return result
    }
    return result.then((value) => {
      end(deed, name, start)
      return value
    })
  }
}

watch(DuckDBInstance, 'create', () => 'open the database')
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
