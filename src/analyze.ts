import { main } from './cli.ts'
import { analyze } from './commands/analyze.ts'

main(analyze)
