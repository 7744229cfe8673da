/**
 * Preloaded into a command: sends it SIGNAL at the first event that matches SIGNAL_AT. Events are the lines it writes to stderr,
 * `statement: …` when a statement on DuckDB has begun, and `file: …` before a file is opened.
 */
const fs = require('node:fs')
const { DuckDBConnection } = require('@duckdb/node-api')

const { SIGNAL, SIGNAL_AT } = process.env
const pattern = new RegExp(SIGNAL_AT, 'm')
let isSent = false

function event(text) {
  if (isSent || !pattern.test(text)) return
  isSent = true
  process.kill(process.pid, SIGNAL)
}

const { write } = process.stderr
process.stderr.write = function writeAndTell(text, ...rest) {
  const result = write.call(this, text, ...rest)
  event(text)
  return result
}

for (const method of ['run', 'runAndReadAll']) {
  const original = DuckDBConnection.prototype[method]
  DuckDBConnection.prototype[method] = function runAndTell(statement, ...rest) {
    const result = original.call(this, statement, ...rest)
    event(`statement: ${statement}`)
    return result
  }
}

for (const [owner, method] of [
  [fs, 'openSync'],
  [fs, 'writeFileSync'],
  [fs.promises, 'open'],
]) {
  const original = owner[method]
  owner[method] = function openAndTell(path, ...rest) {
    event(`file: ${path}`)
    return original.call(this, path, ...rest)
  }
}
