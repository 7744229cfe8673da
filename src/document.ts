import { runCommand } from './cli.ts'

runCommand('document')
