/** Lines of JSON and near-JSON: event records with values, keys and white space as nobody should write them. */
import fc from 'fast-check'
import { stagingEvents } from '../../src/schema/index.ts'
import { event } from './source.ts'

const numbers = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '00',
    '-',
    '+1',
    '.5',
    '5.',
    '1.50',
    '0.10',
    '-0.5',
    '1e3',
    '1E+3',
    '1e-3',
    '2e2',
    '200.0',
    '1e400',
  ],
  ...['1e-400', '1_000', '0x1F', '1,5', '582.00000000000000001', '320.091485', '0.000005', '0.0000049999999999999999'],
  ...[
    '-1.000005',
    '99999.99999',
    '99999.999995',
    '100000',
    '123456789012345',
    '1234567890123456',
    '123456789012345678901234',
  ],
  ...[
    '9007199254740993',
    '2147483647',
    '2147483648',
    '-2147483648',
    '1048575',
    '1048576',
    '8796093022206',
    '8796093022207',
  ],
  ...[
    '1541105830796',
    '1541105830796.0',
    '1541105830796.5',
    '253402300799999',
    '-62135596800001',
    '1e300',
    '1e301',
    '1.7976931348623157e308',
  ],
  ...['NaN', 'nan', 'Infinity', '-Infinity', 'inf', 'true', 'false', 'null', 'True', 'nul', 'undefined', ''],
]
const texts = [
  ...[
    '',
    ' ',
    'Muse',
    ' Muse ',
    'Björk',
    '日本',
    '🎸',
    '\ufeffA',
    'A\ufeff',
    '\u00a0',
    '\u2028',
    '\u007f',
    "it's",
    '1_0.5',
    'nan',
    '0x1',
  ],
  ...[
    ' +0200 ',
    '2e2',
    '1e5',
    '12.5',
    '-7',
    '\t5\t',
    'null',
    'true',
    'é'.repeat(32),
    'é'.repeat(33),
    'x'.repeat(16),
    'x'.repeat(17),
  ],
  ...[
    'x'.repeat(64),
    'x'.repeat(65),
    'x'.repeat(256),
    'x'.repeat(257),
    'x'.repeat(1024),
    'x'.repeat(1025),
    'é'.repeat(513),
  ],
].map((text) => JSON.stringify(text))
const written = [
  ...[
    '"\\u0041"',
    '"\\/"',
    '"\\u00e9"',
    '"\\ud83c\\udfb8"',
    '"\\ud83c"',
    '"\\udfb8"',
    '"\\u0000"',
    '"\\x41"',
    '"\\"',
    '"a\tb"',
    '"a\u0001b"',
  ],
  ...[
    '"\\u004"',
    '"\\U0041"',
    "'Muse'",
    'Muse',
    '{}',
    '[]',
    '{ "a" : 1 }',
    '["\\u0041"]',
    '[1,]',
    '{"a":1,}',
    '[inf]',
    '[[[[1]]]]',
  ],
  ...[
    `${'['.repeat(40)}${']'.repeat(40)}`,
    '{"page":"Home"}',
    '"\\u0020"',
    '"\\\\"',
    '"Ã¶"',
    '"BjÃ\u0083Â¶rk"',
    '/* x */ 1',
    '"a" "b"',
  ],
]
/** Bytes that aren't UTF-8, each written as the character with its number. */
const binary = ['"Caf\u00e9"', '"\u00ff"', '"\u00c3"', '"\u00ed\u00a0\u0080"', '"\u00c0\u0080"', '"a\u0000b"']
const latin1 = (text: string) => Buffer.from(text, 'latin1').toString('latin1')
const utf8 = (text: string) => Buffer.from(text).toString('latin1')

const keys = [
  ...stagingEvents.columns.map(({ sourceKey = '' }) => sourceKey),
  'other',
  'Page',
  'PAGE',
  'page ',
  'x.y',
  'sóng',
  '',
]
const value = fc.oneof(
  fc.constantFrom(...numbers, ...texts, ...written).map(utf8),
  fc.constantFrom(...binary).map(latin1),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => utf8(JSON.stringify(text))),
  fc.double().map((number) => String(number)),
)
const blank = fc.constantFrom('', '', '', ' ', '\t', '  ', ' '.repeat(70), '\r', '\v', '\f', '\u00a0')

type Field = readonly [key: string, value: string]
/** A change to the fields of a record, or to its text. */
const change = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), key: fc.constantFrom(...keys), value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), key: fc.constantFrom(...keys), value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), key: fc.constantFrom(...keys) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shuffle' as const), by: fc.nat(17) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('blank' as const), at: fc.nat(400), text: blank }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat(400) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('around' as const),
      before: fc.constantFrom('', ' ', '\f', '\ufeff', '[', 'x', ','),
      behind: fc.constantFrom('', ' ', '\v', '\r', ']', ',', ' x', '}', '{}', '[]', '1'),
    }),
  },
)
type Change = typeof change extends fc.Arbitrary<infer Each> ? Each : never

function changedFields(fields: readonly Field[], each: Change): readonly Field[] {
  switch (each.kind) {
    case 'set':
      return [...fields.filter(([key]) => key !== each.key), [each.key, each.value]]
    case 'repeat':
      return [...fields, [each.key, each.value]]
    case 'drop':
      return fields.filter(([key]) => key !== each.key)
    case 'shuffle':
      return [...fields.slice(each.by), ...fields.slice(0, each.by)]
    default:
      return fields
  }
}

function changedText(text: string, each: Change): string {
  if (each.kind === 'blank') return text.slice(0, each.at) + utf8(each.text) + text.slice(each.at)
  // What is cut off may go on in the next line for COPY, so something that can't follows.
  if (each.kind === 'cut') return `${text.slice(0, each.at)}!`
  return each.kind === 'around' ? utf8(each.before) + text + each.behind : text
}

const record = fc.tuple(fc.nat(1_048_575), fc.array(change, { maxLength: 3 })).map(([item, changes]) => {
  const plain = Object.entries(event({ itemInSession: item })).map(
    ([key, value]): Field => [key, utf8(JSON.stringify(value))],
  )
  const fields = changes.reduce(changedFields, plain as readonly Field[])
  const text = `{${fields.map(([key, value]) => `${utf8(JSON.stringify(key))}:${value}`).join(',')}}`
  return changes.reduce(changedText, text)
})

/** The bytes of lines without line ends: mostly one record each, sometimes several or none. */
export const nearJsonLines: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 10, arbitrary: record },
    { weight: 1, arbitrary: fc.tuple(record, blank, record).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: fc.tuple(blank, blank).map((parts) => parts.join('')) },
  )
  .map((text) => Buffer.from(text.replaceAll('\n', ' '), 'latin1'))
