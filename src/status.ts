import { runCommand } from './cli.ts'

runCommand('status')
