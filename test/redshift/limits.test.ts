import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import { limits } from '../support/redshift/index.ts'

const page = `# What the Redshift double can't show

The tests run the suite against a double of Amazon Redshift's SQL endpoint (\`test/support/redshift\`): PGlite behind the PostgreSQL wire
protocol with TLS. It takes Redshift's dialect, reads objects through COPY with manifest and jsonpaths, counts text in bytes,
ignores blanks at the end where Redshift does, and refuses what Redshift refuses as far as documentation and recorded errors tell.

A green test against it says that the suite does what we believe Redshift wants. It does not say that we believe rightly. Two checks
are independent of us: sqlfluff's grammar of Redshift parses every statement (\`test/sql-queries/sqlfluff.test.ts\`), and the
acceptance run on a real account (\`live.md\`). What the double itself says it can't show, made from \`limits.ts\` by
\`npx vitest run test/redshift/limits.test.ts -u\`:

${limits.map((limit) => `- ${limit}`).join('\n')}
`

test('documentation/redshift-double.md says everything that the double can’t show', async () => {
  expect(limits.length).toBeGreaterThan(5)
  await expect(page).toMatchFileSnapshot(join(projectFolder, 'documentation', 'redshift-double.md'))
})
