import { main } from './cli.ts'
import { destroyInfrastructure } from './commands/destroy-infrastructure.ts'

main(destroyInfrastructure)
