import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openClients } from '../../src/aws-client/clients.ts'
import { explaining } from '../../src/aws-client/explain.ts'
import { findCaller } from '../../src/aws-client/iam.ts'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
import { replaceEnvironment } from '../support/process.ts'

const before = { ...process.env }
let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
  Object.assign(process.env, double.environment)
})
afterEach(async () => {
  replaceEnvironment(before)
  await double.close()
})

/** Which access key the double was called with. */
async function keyUsed(options: Partial<Parameters<typeof openClients>[0]> = {}): Promise<string | undefined> {
  const clients = openClients({ region: 'us-west-2', ...options })
  await findCaller(await clients.sts()).catch(() => undefined)
  clients.close()
  return double.calls.at(-1)?.accessKeyId
}

function withoutKeys(): void {
  delete process.env.AWS_ACCESS_KEY_ID
  delete process.env.AWS_SECRET_ACCESS_KEY
}

describe('credentials come from', () => {
  test('the environment', async () => {
    expect(await keyUsed()).toBe(double.environment.AWS_ACCESS_KEY_ID)
  })

  test('CREDS__AWS_UDACITY__KEY and …SECRET, where AWS_ACCESS_KEY_ID is not set', async () => {
    const creds = { CREDS__AWS_UDACITY__KEY: 'AKIAUDACITY', CREDS__AWS_UDACITY__SECRET: 'x' }
    expect(await keyUsed({ environment: { ...process.env, ...creds } })).toBe(double.environment.AWS_ACCESS_KEY_ID)
    withoutKeys()
    expect(await keyUsed({ environment: { ...process.env, ...creds } })).toBe('AKIAUDACITY')
  })

  test('the profile of the config, before all others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'profile-'))
    writeFileSync(join(folder, 'credentials'), '[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = x\n')
    process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, 'credentials')
    expect(await keyUsed({ profile: 'work' })).toBe('AKIAWORK')
  })
})

/** A profile as people have it, and what is said of it. */
const troubles: Readonly<Record<string, readonly [lines: string, message: RegExp, hint: RegExp]>> = {
  mfa: [
    'role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/me',
    /^The profile mfa needs a code of multi-factor authentication/,
    /get-session-token/,
  ],
  lost: [
    'role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = nowhere',
    /^The profile lost takes its credentials from the profile nowhere/,
    /source_profile/,
  ],
  process: [
    'credential_process = echo hunter2 >&2; false',
    /^The credential process of the profile process failed/,
    /by hand/,
  ],
  chatty: [
    'credential_process = echo hunter2',
    /^The credential process of the profile chatty did not print credentials/,
    /Version 1/,
  ],
  web: [
    'role_arn = arn:aws:iam::123456789012:role/x\nweb_identity_token_file = /no/token',
    /^The token file \/no\/token of the AWS credentials can't be read \(ENOENT\)/,
    /web_identity_token_file/,
  ],
  login: [
    'login_session = arn:aws:iam::123456789012:user/me',
    /^The login session of the profile login has expired/,
    /aws login --profile login/,
  ],
}

describe('credentials that can not be had are a sentence of their own', () => {
  const ask = async (profile?: string) => {
    const clients = openClients({ region: 'us-west-2', ...(profile && { profile }) })
    const asked = explaining(clients, async () => findCaller(await clients.sts()))
    return asked.then(
      () => undefined,
      (error) => error,
    )
  }

  test.each(Object.entries(troubles))('of the profile %s', async (profile, [lines, message, hint]) => {
    const folder = mkdtempSync(join(tmpdir(), 'profile-'))
    writeFileSync(
      join(folder, 'config'),
      `[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n[profile ${profile}]\n${lines}\n`,
    )
    Object.assign(process.env, { AWS_CONFIG_FILE: join(folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: '/dev/null' })
    const error = await ask(profile)
    expect(error).toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      exitCode: 2,
    })
    expect(`${error.message}${error.hint}`).not.toContain('hunter2')
  })

  test('of a key that was copied with its line end', async () => {
    process.env.AWS_ACCESS_KEY_ID += '\n'
    expect(await ask()).toMatchObject({ message: expect.stringContaining('such as a line end'), exitCode: 2 })
  })
})

test('a network that does not lead to AWS is one sentence', async () => {
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1'
  process.env.AWS_MAX_ATTEMPTS = '1'
  const clients = openClients({ region: 'us-west-2' })
  await expect(explaining(clients, async () => findCaller(await clients.sts()))).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining("http://127.0.0.1:1 can't be reached"),
  })
  clients.close()
})

test('every call is seen once, retries included, and its errors say which it was', async () => {
  const seen: string[] = []
  const clients = openClients({
    region: 'us-west-2',
    observer: (call, send) => {
      seen.push(`${call.service}:${call.operation}`)
      return send()
    },
  })
  double.faults.inject({ action: 'GetCallerIdentity', kind: 'throttle' })
  expect(await findCaller(await clients.sts())).toEqual({
    account: '123456789012',
    arn: 'arn:aws:iam::123456789012:user/sparkify',
    partition: 'aws',
  })
  expect(seen).toEqual(['sts:GetCallerIdentity'])
  expect(double.calls).toHaveLength(2)
  clients.close()
})
