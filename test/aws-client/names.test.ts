import { expect, test } from 'vitest'
import { documentedPolicy } from '../../src/aws-client/actions.ts'
import { resourceNames } from '../../src/aws-client/names.ts'

const account = { id: '123456789012', partition: 'aws' }
const names = (identifier: string, region = 'us-west-2') => resourceNames({ identifier, region }, account)

test('everything is named after the identifier, what has no region of its own also after the region', () => {
  expect(names('dwh')).toMatchObject({
    role: 'sparkify-dwh-us-west-2-reader',
    pauseRole: 'sparkify-dwh-us-west-2-pause',
    bucket: 'sparkify-dwh-123456789012-us-west-2',
    cluster: 'dwh',
    pause: 'sparkify-dwh-pause',
  })
})

test('a role name of the config is used as it is', () => {
  expect(resourceNames({ identifier: 'dwh', region: 'us-west-2', roleName: 'dwhRole' }, account)).toMatchObject({
    role: 'dwhRole',
    pauseRole: 'sparkify-dwh-us-west-2-pause',
  })
})

test('identifiers of every length give names that AWS and the documented policy allow, and no two deployments share one', () => {
  const letters = 'warehouse-of-the-music-app-for-all-analysts-of-the-company-2018'
  const identifiers = Array.from(letters, (_, index) => letters.slice(0, index + 1).replace(/-$/, 'x'))
  identifiers.push(`${letters.slice(0, 62)}9`)
  const regions = ['us-west-2', 'us-gov-west-1', 'ap-northeast-1', 'ap-northeast-2']
  const all = regions.flatMap((region) => identifiers.map((identifier) => names(identifier, region)))
  const roles = all.flatMap(({ role, pauseRole }) => [role, pauseRole])
  const buckets = all.map(({ bucket }) => bucket)
  for (const unique of [roles, buckets]) expect(new Set(unique).size).toBe(unique.length)
  const [{ Resource: allowed = [] } = {}] = documentedPolicy().Statement
  const patterns = [allowed].flat().map((arn) => new RegExp(`^${arn.split('/')[1]?.replaceAll('*', '.*')}$`))
  for (const role of roles) {
    expect(role).toMatch(/^[\w+=,.@-]{1,64}$/)
    expect(patterns.filter((pattern) => pattern.test(role))).toHaveLength(1)
  }
  for (const bucket of buckets) expect(bucket).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/)
  for (const { pause } of all) expect(pause.length).toBeLessThanOrEqual(60)
  expect(new Set(all.map(({ pause }) => pause)).size).toBe(identifiers.length)
})
