import { main } from './cli.ts'
import { compare } from './commands/compare.ts'

main(compare)
