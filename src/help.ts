import { main } from './cli.ts'
import { help } from './commands/help.ts'

main(help)
