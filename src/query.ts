import { runCommand } from './cli.ts'

runCommand('query')
