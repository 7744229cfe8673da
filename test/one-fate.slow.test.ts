import { testOneFate } from './support/one-fate.ts'

testOneFate(20_000)
