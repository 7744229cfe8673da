import { describe, expect, test } from 'vitest'
import { clusterPrice, dollars, free, sourceOf, total, workgroupPrice } from '../../src/aws-client/prices.ts'

describe('a cluster', () => {
  test('costs by node, and its secret with it', () => {
    const price = clusterPrice('us-east-1', { nodeType: 'ra3.large', nodes: 2 })
    expect(price.perHour).toBeCloseTo(2 * 0.543)
    expect(price.perMonth).toBeCloseTo(2 * 0.543 * 730 + 0.4)
    expect(price.region).toBeUndefined()
  })

  test('costs what its region asks', () => {
    const ratio = (region: string) => clusterPrice(region, { nodeType: 'ra3.large', nodes: 1 }).perHour ?? 0
    expect(ratio('eu-central-1')).toBeGreaterThan(ratio('us-east-1'))
  })

  test('has the price of us-east-1, which it says, in a region that is not listed', () => {
    const price = clusterPrice('us-west-2', { nodeType: 'ra3.large', nodes: 1 })
    expect(price).toEqual({ ...clusterPrice('us-east-1', { nodeType: 'ra3.large', nodes: 1 }), region: 'us-east-1' })
    expect(sourceOf([free, price])).toMatch(/^Prices of us-east-1 as of .*: those of this region are not known\.$/)
    expect(sourceOf([free])).toMatch(/^Prices as of /)
  })

  test('has no price at all where none is known anywhere', () => {
    const price = clusterPrice('us-east-1', { nodeType: 'ra3.16xlarge', nodes: 2 })
    expect(price).toMatchObject({ perHour: null, perMonth: null })
    expect(price.region).toBeUndefined()
  })
})

test('a workgroup costs while it computes, and a month at most what the limit lets through', () => {
  expect(workgroupPrice('us-east-1', { baseCapacity: 4, dailyLimit: 8 })).toMatchObject({ perHour: 1.5, perMonth: 93 })
})

test('a sum with something unknown in it is unknown', () => {
  expect(total([1, 2])).toBe(3)
  expect(total([1, null])).toBeNull()
})

test.each([
  [null, 'unknown'],
  [0, '$0.00'],
  [0.004, 'under $0.01'],
  [1234.5, '$1,234.50'],
])('%s is %s', (amount, text) => {
  expect(dollars(amount)).toBe(text)
})
