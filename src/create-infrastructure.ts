import { main } from './cli.ts'
import { createInfrastructure } from './commands/create-infrastructure.ts'

main(createInfrastructure)
