import { main } from './cli.ts'
import { doctor } from './commands/doctor.ts'

main(doctor)
