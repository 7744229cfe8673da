import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, test } from 'vitest'
import { jsonSchemas } from '../../src/steps/json-schemas.ts'

describe('a type becomes a schema', () => {
  const own = mkdtempSync(join(tmpdir(), 'sparkify-types-'))
  afterAll(() => rmSync(own, { recursive: true }))

  /** The schema of a document of that type. */
  function schemaOfType(type: string, others = ''): unknown {
    const file = join(own, 'documents.ts')
    writeFileSync(file, `${others}\nexport interface JsonDocuments { one: ${type} }\n`)
    const { $schema, title, ...schema } = jsonSchemas(file).one as Record<string, unknown>
    expect({ $schema, title }).toEqual({ $schema: expect.stringContaining('2020-12'), title: 'one --json' })
    return schema
  }
  const object = (properties: object, required: string[]) => ({
    ...{ type: 'object', properties, additionalProperties: true },
    ...(required.length > 0 && { required }),
  })

  const types: [type: string, others: string, schema: object][] = [
    ['string', '', { type: 'string' }],
    ['number | null', '', { type: ['number', 'null'] }],
    ['boolean | null | undefined', '', { type: ['boolean', 'null'] }],
    ["'b' | 'a'", '', { enum: ['a', 'b'] }],
    ['readonly (string | null)[]', '', { type: 'array', items: { type: ['string', 'null'] } }],
    ['Record<string, number>', '', { type: 'object', additionalProperties: { type: 'number' } }],
    ["Readonly<Record<'a' | 'b', 1>>", '', object({ a: { const: 1 }, b: { const: 1 } }, ['a', 'b'])],
    [
      '{\n/** A name. */ a: string; b?: string; c: string | undefined }',
      '',
      object({ a: { description: 'A name.', type: 'string' }, b: { type: 'string' }, c: { type: 'string' } }, ['a']),
    ],
    [
      'Node | null',
      '/** A tree. */ interface Node { children: Node[] }',
      {
        anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }],
        $defs: {
          Node: {
            description: 'A tree.',
            ...object({ children: { type: 'array', items: { $ref: '#/$defs/Node' } } }, ['children']),
          },
        },
      },
    ],
    [
      "Omit<Whole, 'a'> & { c: number }",
      'interface Whole { a: () => void; b: string }',
      object({ b: { type: 'string' }, c: { type: 'number' } }, ['b', 'c']),
    ],
  ]
  test.each(types)('%s', (type, others, schema) => {
    expect(schemaOfType(type, others)).toEqual(schema)
    expect(new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)).toBeTypeOf('function')
  })

  test.each(['() => void', '{ a: Date }', 'unknown', 'any', 'bigint', 'symbol'])('but %s does not', (type) => {
    expect(() => schemaOfType(type)).toThrow(/which JSON does not have/)
  })

  test('but two of one name do not', () => {
    const others =
      "import { Part } from './part.ts'\ninterface Own { part: Part; own: { part: Inner.Part } }\nnamespace Inner { export interface Part { b: string } }"
    writeFileSync(join(own, 'part.ts'), 'export interface Part { a: string }\n')
    expect(() => schemaOfType('Own', others)).toThrow('Two types in the document of one are called Part.')
  })
})
