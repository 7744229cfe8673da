import { runCommand } from './cli.ts'

runCommand('start')
