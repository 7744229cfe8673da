import { testOneFate } from './support/one-fate.ts'

testOneFate(1500)
