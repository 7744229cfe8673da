import { testHistories } from '../support/history/test-histories.ts'

testHistories('DuckDB', 200)
testHistories('the Redshift double', 25)
