import { testHistories } from '../support/history/test-histories.ts'

testHistories('DuckDB', 20)
testHistories('the Redshift double', 3)
