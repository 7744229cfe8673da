import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openClients } from '../../src/aws-client/clients.ts'
import { explaining } from '../../src/aws-client/explain.ts'
import { findCaller } from '../../src/aws-client/iam.ts'
import { findWorkgroup } from '../../src/aws-client/redshift-serverless.ts'
import { openSourceClient } from '../../src/aws-client/source-client.ts'
import { UserError } from '../../src/errors.ts'
import { s3Store } from '../../src/objects/s3.ts'
import { replaceEnvironment } from '../support/process.ts'

const region = 'us-west-2'
const page = '<!doctype html><title>Sign in</title>'
const html = { 'content-type': 'text/html; charset=utf-8' }
const json = { 'content-type': 'application/json' }

type Answer = (response: ServerResponse) => unknown
const answers: [name: string, answer: Answer, said: RegExp][] = [
  ['a web page', (response) => response.writeHead(200, html).end(page), /a web page \(status 200\)/],
  ['a web page that says no', (response) => response.writeHead(403, html).end(page), /a web page \(status 403\)/],
  ['a web page of a broken proxy', (response) => response.writeHead(502, html).end(page), /a web page \(status 502\)/],
  ['an error without a body', (response) => response.writeHead(404).end(), /status 404 and nothing else/],
  ['plain text', (response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('oops'), /text\/plain/],
  ['no answer', (response) => response.destroy(), /can't be reached.*: there is no answer/],
]
/** Answers that only a service in XML can tell from its own. */
const ofOthers: typeof answers = [
  ['nothing', (response) => response.writeHead(200).end(), /success, but without (Account|Name)/],
  ['success of another service', (response) => response.writeHead(200, json).end('{"up":1}'), /without|rejected/],
  [
    'an error of another service',
    (response) => response.writeHead(404, json).end('{"detail":"?"}'),
    /application\/json/,
  ],
]

/** The first call of a command to each kind of service. */
const calls = {
  STS: async () => findCaller(await openClients({ region }).sts()),
  S3: async () => s3Store(await openSourceClient({ region }), 'source', 'log_data/').list('log_data'),
  'Redshift Serverless': async () => findWorkgroup(await openClients({ region }).redshiftServerless(), 'dwh'),
}

describe('an endpoint that is not AWS', () => {
  let server: Server
  let url: string
  let answer: Answer
  let requests = 0
  const before = { ...process.env }
  beforeAll(async () => {
    server = createServer((_, response) => {
      requests += 1
      answer(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => replaceEnvironment(before))
  afterAll(() => server.close())

  const cases = Object.entries(calls).flatMap(([service, call]) =>
    [...answers, ...(service === 'Redshift Serverless' ? [] : ofOthers)].map(
      ([name, given, said]) => [service, name, call, given, said] as const,
    ),
  )
  test.each(cases)('instead of %s answers with %s: it is named with its URL', async (_, name, call, given, said) => {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: url,
      ...(name === 'no answer' && { AWS_MAX_ATTEMPTS: '1' }),
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    })
    answer = given
    requests = 0
    const error: unknown = await explaining({ region }, call as () => Promise<unknown>).catch((error) => error)
    expect(error).toBeInstanceOf(UserError)
    const { message, hint } = error as UserError
    expect(message).toMatch(said)
    expect(message).toContain(url)
    expect(hint).toMatch(/AWS_ENDPOINT_URL/)
    expect(`${message} ${hint}`).not.toMatch(/temporary|at the moment|in a minute/)
    if (name !== 'no answer') expect(requests).toBe(1)
  })
})
