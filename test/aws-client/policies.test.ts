import { describe, expect, test } from 'vitest'
import { clusterArn } from '../../src/aws-client/names.ts'
import {
  pausePolicy,
  readPolicy,
  schedulerTrust,
  tlsOnlyPolicy,
  warehouseTrust,
} from '../../src/aws-client/policies.ts'

test('both Redshift services of this account may take on the role', () => {
  expect(warehouseTrust('123456789012')).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'] },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
      },
    ],
  })
})

test('the scheduler may pause one cluster and nothing else', () => {
  expect(schedulerTrust().Statement[0]?.Principal).toEqual({
    Service: ['scheduler.redshift.amazonaws.com', 'redshift.amazonaws.com'],
  })
  const arn = clusterArn('us-west-2', { id: '123456789012', partition: 'aws' }, 'dwh')
  expect(pausePolicy(arn).Statement).toEqual([
    {
      Sid: 'Pause',
      Effect: 'Allow',
      Action: 'redshift:PauseCluster',
      Resource: 'arn:aws:redshift:us-west-2:123456789012:cluster:dwh',
    },
  ])
})

describe('reading', () => {
  const sources = [
    { bucket: 'udacity-dend', prefix: 'log_data/' },
    { bucket: 'udacity-dend', prefix: 'song_data/' },
  ]

  test('is allowed for the source prefixes and the control bucket, and nothing else', () => {
    expect(readPolicy({ partition: 'aws', sources, controlBucket: 'control' })).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'List1',
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: 'arn:aws:s3:::udacity-dend',
          Condition: { StringLike: { 's3:prefix': ['log_data/*', 'song_data/*'] } },
        },
        { Sid: 'List2', Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::control' },
        {
          Sid: 'Locate',
          Effect: 'Allow',
          Action: 's3:GetBucketLocation',
          Resource: ['arn:aws:s3:::udacity-dend', 'arn:aws:s3:::control'],
        },
        {
          Sid: 'Read',
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: [
            'arn:aws:s3:::udacity-dend/log_data/*',
            'arn:aws:s3:::udacity-dend/song_data/*',
            'arn:aws:s3:::control/*',
          ],
        },
      ],
    })
  })

  test('a key of KMS may be used to decrypt, that one only', () => {
    const kmsKey = 'arn:aws:kms:us-west-2:123456789012:key/0123'
    const { Statement } = readPolicy({ partition: 'aws', sources, controlBucket: 'control', kmsKey })
    expect(Statement.at(-1)).toEqual({ Sid: 'Decrypt', Effect: 'Allow', Action: 'kms:Decrypt', Resource: kmsKey })
  })

  test('a source that is a whole bucket has no prefix to ask for', () => {
    const whole = [{ bucket: 'all', prefix: '' }]
    const [list] = readPolicy({ partition: 'aws', sources: whole, controlBucket: 'control' }).Statement
    expect(list).toEqual({ Sid: 'List1', Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::all' })
  })

  test('other partitions have their own ARNs', () => {
    const text = JSON.stringify(readPolicy({ partition: 'aws-cn', sources, controlBucket: 'control' }))
    expect(text).not.toContain('arn:aws:')
    expect(text).toContain('arn:aws-cn:s3:::control/*')
  })
})

test('the control bucket refuses what comes without TLS', () => {
  expect(tlsOnlyPolicy('aws', 'control').Statement[0]).toMatchObject({
    Effect: 'Deny',
    Resource: ['arn:aws:s3:::control', 'arn:aws:s3:::control/*'],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  })
})
