import { main } from './cli.ts'
import { etl } from './commands/etl.ts'

main(etl)
