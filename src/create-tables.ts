import { main } from './cli.ts'
import { createTables } from './commands/create-tables.ts'

main(createTables)
