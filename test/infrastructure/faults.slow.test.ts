import { testFaults } from './faults-matrix.ts'

testFaults('all')
