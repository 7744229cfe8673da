/** What a thing costs. Null if the price is not known anywhere. */
export interface Price {
  /** US dollars per hour while it exists (serverless: while queries run). */
  readonly perHour: number | null
  /** US dollars per month if you forget it. */
  readonly perMonth: number | null
  readonly note: string
  /** The region whose price it is, if that of its own region is not known. */
  readonly region?: string
}

/** The day on which the prices below were last checked. */
export const pricesAsOf = '2026-10-07'

const hoursPerMonth = 730
/** Its price is shown for regions that are not listed; between regions prices differ by up to a half. */
const measureRegion = 'us-east-1'

/**
 * US dollars per hour on demand, by node type and region. Sources: the Price List API of 2026-09-24 (rg) and the pricing page of
 * 2026-10-07 (ra3).
 */
const nodeHour: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'rg.large': { 'us-east-1': 0.3801 },
  'rg.xlarge': { 'us-east-1': 0.7602 },
  'rg.4xlarge': { 'us-east-1': 3.04267 },
  'ra3.large': { 'us-east-1': 0.543, 'eu-central-1': 0.649 },
  'ra3.xlplus': { 'us-east-1': 1.086 },
}
/** US dollars per RPU-hour of Redshift Serverless. */
const rpuHour = { 'us-east-1': 0.375 }
/** US dollars per month for a secret, in every commercial region. */
export const secretMonth = 0.4
/** US dollars per GB and month of managed storage, us-east-1. */
export const storageGigabyteMonth = 0.024

export const free: Price = { perHour: 0, perMonth: 0, note: 'free' }
/** The control bucket keeps some kilobytes for some days. */
export const bucketPrice: Price = { perHour: 0, perMonth: 0, note: 'less than a cent a month' }

const stored = `${dollars(storageGigabyteMonth, 3)} per GB and month stored`
const secret = { perHour: secretMonth / hoursPerMonth, perMonth: secretMonth }
/** The namespace has the data and the secret. */
export const namespacePrice: Price = { ...secret, note: `its secret, and ${stored}` }
/** What is billed while a cluster is paused: its secret and storage. Nodes are not, unless they are reserved. */
export const pausedClusterPrice: Price = {
  ...secret,
  note: `its secret, and ${stored}, including snapshots; reserved nodes are still billed`,
}

/** Nodes and the secret of a cluster that is not paused. */
export function clusterPrice(region: string, { nodeType, nodes }: { nodeType: string; nodes: number }): Price {
  const note = `${nodes} × ${nodeType} and its secret, and ${stored}, also while paused`
  return priced(nodeHour[nodeType] ?? {}, region, note, (node) => ({
    perHour: node * nodes,
    perMonth: node * nodes * hoursPerMonth + secretMonth,
  }))
}

/** Compute while queries run. The price per month is the most that the daily limit allows. */
export function workgroupPrice(
  region: string,
  { baseCapacity, dailyLimit }: { baseCapacity: number; dailyLimit: number },
): Price {
  const note = `only while queries run, stopped after ${dailyLimit} RPU-hours a day`
  return priced(rpuHour, region, note, (unit) => ({ perHour: unit * baseCapacity, perMonth: unit * dailyLimit * 31 }))
}

function priced(
  perUnit: Readonly<Record<string, number>>,
  region: string,
  note: string,
  price: (unit: number) => { perHour: number; perMonth: number },
): Price {
  const known = region in perUnit ? region : measureRegion
  const unit = perUnit[known]
  if (unit === undefined) return { perHour: null, perMonth: null, note }
  return { ...price(unit), note, ...(known !== region && { region: known }) }
}

/** A sentence: from when the prices are and, if these of the region are not known, from where. */
export function sourceOf(prices: readonly Pick<Price, 'region'>[]): string {
  const other = prices.find(({ region }) => region !== undefined)?.region
  return other === undefined
    ? `Prices as of ${pricesAsOf}.`
    : `Prices of ${other} as of ${pricesAsOf}: those of this region are not known.`
}

/** An amount of dollars as text; `unknown` for null. */
export function dollars(amount: number | null, digits = 2): string {
  if (amount === null) return 'unknown'
  if (amount > 0 && amount < 0.01 && digits === 2) return 'under $0.01'
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`
}

/** The sum of prices; null if one of them is. */
export function total(amounts: readonly (number | null)[]): number | null {
  return amounts.reduce((sum, amount) => (sum === null || amount === null ? null : sum + amount), 0)
}
