/**
 * Preloaded into a command: sends it SIGNAL as soon as it has written a line to stderr that matches SIGNAL_AT, or
 * SIGNAL_AFTER milliseconds after it began to listen to that signal.
 */
const { SIGNAL, SIGNAL_AT, SIGNAL_AFTER } = process.env
const send = () => process.kill(process.pid, SIGNAL)

if (SIGNAL_AT !== undefined) {
  const pattern = new RegExp(SIGNAL_AT)
  const write = process.stderr.write
  process.stderr.write = function writeAndSignal(text, ...rest) {
    const result = write.call(this, text, ...rest)
    if (pattern.test(text)) send()
    return result
  }
}

if (SIGNAL_AFTER !== undefined)
  process.on('newListener', (event) => {
    if (event === SIGNAL) setTimeout(send, Number(SIGNAL_AFTER))
  })
