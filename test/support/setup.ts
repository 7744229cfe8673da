import { afterAll } from 'vitest'
import { replaceEnvironment } from './process.ts'

/** Test files share a process, which saves a second each; so every file leaves environment and folder as it found them. */
const environment = { ...process.env }
const folder = process.cwd()
afterAll(() => {
  process.chdir(folder)
  replaceEnvironment(environment)
})
