import { main } from './cli.ts'
import { start } from './commands/start.ts'

main(start)
