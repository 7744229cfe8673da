import { expect, test } from 'vitest'
import { resourceNames } from '../../src/aws-client/names.ts'

const account = { id: '123456789012', partition: 'aws' }
const names = (identifier: string, region = 'us-west-2') =>
  resourceNames({ identifier, region, roleName: 'dwhRole' }, account)

test('everything is named after the identifier, the bucket also after account and region', () => {
  expect(names('dwh')).toMatchObject({
    role: 'dwhRole',
    bucket: 'sparkify-dwh-123456789012-us-west-2',
    securityGroup: 'sparkify-dwh',
    cluster: 'dwh',
    pause: 'sparkify-dwh-pause',
  })
})

test('long identifiers are cut to what AWS allows and stay different', () => {
  const long = 'a'.repeat(60)
  const [one, two] = [names(`${long}-1`, 'ap-southeast-1'), names(`${long}-2`, 'ap-southeast-1')]
  expect(one.bucket).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/)
  expect(one.bucket).not.toBe(two.bucket)
  expect(one.pause.length).toBeLessThanOrEqual(60)
  expect(one.pauseRole.length).toBeLessThanOrEqual(64)
  expect(one.pause).not.toBe(two.pause)
})
