import { runCommand } from './cli.ts'

runCommand('create-infrastructure')
