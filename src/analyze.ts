import { runCommand } from './cli.ts'

runCommand('analyze')
