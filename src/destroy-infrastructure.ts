import { runCommand } from './cli.ts'

runCommand('destroy-infrastructure')
