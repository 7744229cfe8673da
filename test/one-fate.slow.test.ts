import { testOneFate } from './support/one-fate.ts'

testOneFate(30_000)
