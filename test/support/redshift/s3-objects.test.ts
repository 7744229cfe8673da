import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AwsDouble, startAwsDouble } from '../aws/index.ts'
import { connectTo, refusalOf } from './client.ts'
import { type RedshiftDouble, readFromS3, startRedshiftDouble } from './index.ts'

const role = "iam_role 'arn:aws:iam::123456789012:role/loader'"
let aws: AwsDouble
let redshift: RedshiftDouble
beforeAll(async () => {
  aws = await startAwsDouble()
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = aws.environment
  redshift = await startRedshiftDouble({ ...readFromS3(aws.url, { credentials: { accessKeyId, secretAccessKey } }) })
}, 30_000)
afterAll(async () => {
  await redshift.close()
  await aws.close()
})

test('COPY reads from a server that speaks S3, page by page', async () => {
  const objects = Object.fromEntries(Array.from({ length: 1100 }, (_, n) => [`numbers/${n}.json`, `{"n": ${n}}`]))
  aws.seedBucket('here', { region: 'us-west-2', objects })
  aws.seedBucket('there', { region: 'eu-west-1', objects: { one: '{"n": 1}' } })
  const client = await connectTo(redshift)
  await client.query('create table numbers (n integer)')
  const copy = (rest: string) => client.query(`copy numbers from ${rest}`)
  await copy(`'s3://here/numbers/' ${role} json 'auto'`)
  await copy(`'s3://there/one' ${role} json 'auto' region 'eu-west-1'`)
  expect((await client.query('select count(*) as n, sum(n) as sum from numbers')).rows).toEqual([
    { n: '1101', sum: '604451' },
  ])
  expect((await refusalOf(copy(`'s3://there/one' ${role} json 'auto'`))).message).toMatch(
    /^S3ServiceException:The bucket you are attempting to access must be addressed .+Status 301,Error PermanentRedirect/,
  )
  expect((await refusalOf(copy(`'s3://nowhere/one' ${role} json 'auto'`))).message).toMatch(
    /Status 404,Error NoSuchBucket/,
  )
  expect((await refusalOf(copy(`'s3://here/nothing' ${role} json 'auto'`))).message).toBe(
    "The specified S3 prefix 'nothing' does not exist",
  )
  expect((await refusalOf(copy(`'s3://here/manifest' ${role} json 'auto' manifest`))).message).toMatch(
    /^Problem reading manifest file/,
  )
  await client.end()
})
