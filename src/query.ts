import { main } from './cli.ts'
import { query } from './commands/query.ts'

main(query)
