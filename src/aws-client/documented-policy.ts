import { callerPolicy } from './actions.ts'
import { type PolicyDocument, policy } from './policies.ts'

/** What etl needs beside: it lists and reads the source, and writes manifests and jsonpaths for COPY. */
export const loaderActions = {
  Source: ['s3:GetObject', 's3:ListBucket'],
  Manifests: ['s3:PutObject'],
} as const

/** What doctor needs to say which of the others are missing; without it doctor says that it does not know. */
export const doctorActions = { Doctor: ['iam:SimulatePrincipalPolicy'] } as const

/** The policy of `documentation/iam-policy.json`: all that someone needs who creates, loads, asks, diagnoses and destroys. */
export function documentedPolicy(): PolicyDocument {
  return policy(
    ...callerPolicy().Statement,
    {
      Sid: 'Source',
      Effect: 'Allow',
      Action: loaderActions.Source,
      Resource: ['arn:aws:s3:::udacity-dend', 'arn:aws:s3:::udacity-dend/*'],
    },
    { Sid: 'Manifests', Effect: 'Allow', Action: loaderActions.Manifests, Resource: ['arn:aws:s3:::sparkify-*/*'] },
    { Sid: 'Doctor', Effect: 'Allow', Action: doctorActions.Doctor, Resource: '*' },
  )
}
