import { runCommand } from './cli.ts'

runCommand('etl')
