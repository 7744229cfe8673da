import { main } from './cli.ts'
import { status } from './commands/status.ts'

main(status)
