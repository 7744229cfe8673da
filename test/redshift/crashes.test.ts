import { testCrashesOnRedshift } from '../support/crash-redshift.ts'

testCrashesOnRedshift('sample')
