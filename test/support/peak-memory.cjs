/** Preloaded into a command: says at its end how much memory it took at most, as a line of stderr. */
const { existsSync, readFileSync, writeSync } = require('node:fs')
// On Linux, the maximum that the system counts for a process begins with the memory of the one that started it.
const status = '/proc/self/status'
const peak = () =>
  existsSync(status) ? /VmHWM:\s*(\d+)/.exec(readFileSync(status, 'utf8'))[1] : process.resourceUsage().maxRSS
process.on('exit', () => writeSync(2, `peak ${peak()} kB\n`))
