import { AwsError } from './errors.ts'
import { type Params, records, required, type Tag, tagList, tags, text, texts } from './params.ts'
import type { Tagged } from './types.ts'
import type { XmlValue } from './xml.ts'

/** The values of one property that a filter is compared with. */
export type FilterValues = string | readonly string[] | undefined

/** The things that pass all filters of a request. Values of one filter are alternatives and may have wildcards; an unknown filter is refused. */
export function filtered<Thing extends Tagged>(
  params: Params,
  things: readonly Thing[],
  known: Readonly<Record<string, (thing: Thing) => FilterValues>>,
): Thing[] {
  const tests = records(params, 'Filter').map((filter) => {
    const name = required(filter, 'Name')
    const patterns = texts(filter, 'Value').map(wildcard)
    const valuesOf = known[name] ?? tagFilter(name)
    if (valuesOf === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`)
    return (thing: Thing) =>
      [valuesOf(thing) ?? []].flat().some((value) => patterns.some((pattern) => pattern.test(value)))
  })
  return things.filter((thing) => tests.every((test) => test(thing)))
}

function tagFilter(name: string): ((thing: Tagged) => FilterValues) | undefined {
  if (name === 'tag-key') return (thing) => thing.tags.map(({ key }) => key)
  if (!name.startsWith('tag:')) return undefined
  const wanted = name.slice('tag:'.length)
  return (thing) => thing.tags.filter(({ key }) => key === wanted).map(({ value }) => value)
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}

/** The tags of a thing as EC2 shows them. */
export function tagSet({ tags: list }: Tagged): XmlValue {
  if (list.length === 0) return undefined
  return { item: tagList(list).map(({ Key, Value }) => ({ key: Key, value: Value })) }
}

/** The tags that a create gives to a type of resource. */
export function specifiedTags(params: Params, resourceType: string): Tag[] {
  return records(params, 'TagSpecification')
    .filter((each) => text(each, 'ResourceType') === resourceType)
    .flatMap((each) => tags(each, 'Tag'))
}
