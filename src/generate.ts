import { runCommand } from './cli.ts'

runCommand('generate')
