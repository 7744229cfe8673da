import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import { testWholeSequence } from '../support/parity.ts'

/** The real logs and songs, which are not part of this project. */
const real = join(projectFolder, '..', 'shared', 'data')

describe.skipIf(!existsSync(join(real, 'song_data')))('(skipped where ../shared/data is not)', () => {
  testWholeSequence('redshift', 'the real data', async () => real)
  testWholeSequence('redshift-serverless', 'the real data', async () => real)
})
