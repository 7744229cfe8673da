import { testHistories } from '../support/history/test-histories.ts'

testHistories('DuckDB', 10)
testHistories('the Redshift double', 2)
