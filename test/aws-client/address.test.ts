import { describe, expect, test } from 'vitest'
import { addressProblem, findAddress } from '../../src/aws-client/address.ts'

describe('the address that may connect', () => {
  test('is the one that is given, without asking anybody', async () => {
    const address = await findAddress('198.51.100.7', async () => Promise.reject(new Error('asked')))
    expect(address).toBe('198.51.100.7')
  })

  test('is the one that AWS sees', async () => {
    expect(await findAddress(undefined, async () => '203.0.113.10\n')).toBe('203.0.113.10')
  })

  test.each([
    ['the service is down', async () => Promise.reject(new TypeError('fetch failed')), /address is not known/],
    ['it answers with a page', async () => '<html>', /not an IPv4 address/],
    ['there is IPv6 only', async () => '2001:db8::1\n', /not an IPv4 address/],
    ['a proxy of the network answers', async () => '10.1.2.3\n', /is not public/],
  ])('has to be given where %s', async (_name, fetchAddress, message) => {
    await expect(findAddress(undefined, fetchAddress)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('ADDRESS'),
    })
  })

  test.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
  ])('is none of those from which nothing arrives: %s', (address) => {
    expect(addressProblem(address)).toMatch(/is not public/)
  })

  test.each(['1.1.1.1', '100.63.0.1', '100.128.0.1', '172.15.0.1', '172.32.0.1', '223.255.255.1', '9.9.9.9'])(
    'may be %s',
    (address) => {
      expect(addressProblem(address)).toBeUndefined()
    },
  )
})
