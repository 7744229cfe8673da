import { runCommand } from './cli.ts'

runCommand('doctor')
