import { testCrashesOnDuckdb } from '../support/crash-duckdb.ts'

testCrashesOnDuckdb('sample')
