/** Preloaded into a command: says at its end how much memory it took at most, as a line of stderr. */
const { writeSync } = require('node:fs')
process.on('exit', () => writeSync(2, `peak ${process.resourceUsage().maxRSS} kB\n`))
