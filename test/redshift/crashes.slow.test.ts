import { testCrashesOnRedshift } from '../support/crash-redshift.ts'

testCrashesOnRedshift('all')
