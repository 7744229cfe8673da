/**
 * X.509 certificates made at run time, so that no key is kept in the project and none ever expires there.
 * Just enough DER for a TLS server: one authority, certificates for a name that it signs. For tests only.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

interface Certificate {
  /** PEM. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
}

const day = 86_400_000

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body])
}

const sequence = (...parts: readonly Buffer[]) => element(0x30, ...parts)
const integer = (bytes: Buffer) => element(0x02, bytes)
const boolean = element(0x01, Buffer.from([0xff]))
const octets = (...parts: readonly Buffer[]) => element(0x04, ...parts)
const bits = (bytes: Buffer, unused = 0) => element(0x03, Buffer.from([unused]), bytes)
const explicit = (number: number, ...parts: readonly Buffer[]) => element(0xa0 | number, ...parts)

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part & 0x7f]
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return element(0x06, Buffer.from(bytes))
}

const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'))

const commonName = (name: string) =>
  sequence(element(0x31, sequence(objectId('2.5.4.3'), element(0x0c, Buffer.from(name)))))

const time = (date: Date) => element(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, '')))

const extension = (id: string, critical: boolean, value: Buffer) =>
  sequence(objectId(id), ...(critical ? [boolean] : []), octets(value))

const alternativeName = (name: string) =>
  isIPv4(name) ? element(0x87, Buffer.from(name.split('.').map(Number))) : element(0x82, Buffer.from(name))

const pem = (label: string, bytes: Buffer) =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`

interface Request {
  readonly subject: string
  readonly issuer: string
  readonly issuerKey?: string
  readonly extensions: readonly Buffer[]
  readonly expired: boolean
}

function issue({ subject, issuer, issuerKey, extensions, expired }: Request): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const now = Date.now()
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(new Date(now - 30 * day)), time(new Date(expired ? now - day : now + 365 * day))),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, createPrivateKey(issuerKey ?? key))
  return { certificate: pem('CERTIFICATE', sequence(body, ecdsaWithSha256, bits(signature))), key }
}

/** An authority that signs certificates; trust its `certificate` to trust them all. */
export function createAuthority(name: string): Certificate {
  const extensions = [
    extension('2.5.29.19', true, sequence(boolean)),
    extension('2.5.29.15', true, bits(Buffer.from([0x06]), 1)),
  ]
  return issue({ subject: name, issuer: name, extensions, expired: false })
}

/** A server certificate for these host names or IPv4 addresses, signed by `authority`. */
export function createCertificate(
  authority: Certificate & { readonly name: string },
  hosts: readonly string[],
  { expired = false } = {},
): Certificate {
  const extensions = [
    extension('2.5.29.15', true, bits(Buffer.from([0x80]), 7)),
    extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', false, sequence(...hosts.map(alternativeName))),
  ]
  return issue({ subject: hosts[0] ?? '', issuer: authority.name, issuerKey: authority.key, extensions, expired })
}
