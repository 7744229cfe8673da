/** Preloaded into a command: says at its end how much memory and how many file handles it took at most, as two lines of stderr. */
const { existsSync, readFileSync, readdirSync, writeSync } = require('node:fs')
// On Linux, the maximum that the system counts for a process begins with the memory of the one that started it.
const status = '/proc/self/status'
const peak = () =>
  existsSync(status) ? /VmHWM:\s*(\d+)/.exec(readFileSync(status, 'utf8'))[1] : process.resourceUsage().maxRSS
const handles = '/proc/self/fd'
let most = 0
const count = () => {
  if (existsSync(handles)) most = Math.max(most, readdirSync(handles).length)
}
setInterval(count, 20).unref()
process.on('exit', () => writeSync(2, `peak ${peak()} kB\nhandles ${most}\n`))
