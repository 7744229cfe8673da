import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readIni, valueIn } from './ini-file.ts'

/** The region that the environment or the AWS command line's config file names for this profile; undefined if none does. */
export function findRegion(profile = process.env.AWS_PROFILE || 'default'): string | undefined {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_CONFIG_FILE } = process.env
  if (AWS_REGION || AWS_DEFAULT_REGION) return AWS_REGION || AWS_DEFAULT_REGION
  try {
    const file = readIni(readFileSync(AWS_CONFIG_FILE || join(homedir(), '.aws', 'config'), 'utf8'))
    return valueIn(file, profile in file.sections ? profile : `profile ${profile}`, 'REGION')
  } catch {
    // Most people have no such file. The SDK explains what is wrong with one.
    return undefined
  }
}
