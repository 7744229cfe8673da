import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../src')
const files = [...typescriptIn('aws-client'), ...typescriptIn('steps/infrastructure')]

function typescriptIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

/** What a file loads when it is loaded: not the types, not what it imports later. */
function imports(file: string, { types }: { types: boolean }): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^(?:import|export) (type )?[^']*?from '([^']+)'/gm)].flatMap(([, isType, from = '']) => {
    if (isType && !types) return []
    return from.startsWith('.') ? normalize(join(dirname(file), from)) : from
  })
}

test('aws-client knows nothing of the suite but its errors', () => {
  const foreign = files
    .filter((file) => file.startsWith('aws-client'))
    .flatMap((file) => imports(file, { types: true }).map((from) => `${file}: ${from}`))
    .filter((line) => !/: (aws-client\/|@aws-sdk\/|node:|errors\.ts$|schema\/)/.test(line))
  expect(foreign).toEqual([])
})

test("the SDK's packages load only with the file of their service, and that only when it is used", () => {
  const services = files.filter((file) => imports(file, { types: false }).some((from) => from.startsWith('@aws-sdk/')))
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
    imports(file, { types: false })
      .filter((from) => services.includes(from))
      .map((from) => `${file}: ${from}`),
  )
  expect(early).toEqual([])
})
