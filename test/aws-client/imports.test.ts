import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../src')
const files = ['aws-client', 'infrastructure'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
)

/** What a file loads together with itself: neither types nor what it imports later. */
function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^(?:import|export) (type )?[^']*?from '([^']+)'/gm)].flatMap(([, isType, from = '']) => {
    if (isType) return []
    return from.startsWith('.') ? normalize(join(dirname(file), from)) : from
  })
}

test("the SDK's packages load only with the file of their service, and that file only when it is used", () => {
  const services = files.filter((file) => imports(file).some((from) => from.startsWith('@aws-sdk/')))
  expect(services.map((file) => relative('aws-client', file)).toSorted()).toEqual([
    'ec2.ts',
    'iam.ts',
    'redshift-serverless.ts',
    'redshift.ts',
    's3.ts',
    'secrets-manager.ts',
    'sts.ts',
  ])
  const early = files.flatMap((file) =>
    imports(file)
      .filter((from) => services.includes(from))
      .map((from) => `${file}: ${from}`),
  )
  expect(early).toEqual([])
})
