/** What a thing costs. Null if the price is not known; never a guess. */
export interface Price {
  /** US dollars per hour while it exists (serverless: while queries run). */
  readonly perHour: number | null
  /** US dollars per month if you forget it. */
  readonly perMonth: number | null
  readonly note: string
  /** If it is not known here: the price in a region where it is known. */
  readonly elsewhere?: { readonly region: string; readonly perHour: number; readonly perMonth: number }
}

/** The day on which the prices below were last checked. */
export const pricesAsOf = '2026-10-07'

const hoursPerMonth = 730

/**
 * US dollars per hour on demand, by node type and region. Sources: the Price List API of 2026-09-24 (rg) and the pricing page of
 * 2026-10-07 (ra3). The price of a region or type that is not listed is unknown: prices differ between regions by up to a half.
 */
const nodeHour: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'rg.large': { 'us-east-1': 0.3801 },
  'rg.xlarge': { 'us-east-1': 0.7602 },
  'rg.4xlarge': { 'us-east-1': 3.04267 },
  'ra3.large': { 'us-east-1': 0.543, 'eu-central-1': 0.649 },
  'ra3.xlplus': { 'us-east-1': 1.086 },
}

/** US dollars per RPU-hour of Redshift Serverless. */
const rpuHour: Readonly<Record<string, number>> = { 'us-east-1': 0.375 }

/** US dollars per month for a secret, in every commercial region. */
export const secretMonth = 0.4
/** US dollars per GB and month of managed storage, us-east-1. */
export const storageGigabyteMonth = 0.024

const measureRegion = 'us-east-1'

export const free: Price = { perHour: 0, perMonth: 0, note: 'free' }

/** The control bucket keeps some kilobytes for some days. */
export const bucketPrice: Price = { perHour: 0, perMonth: 0, note: 'less than a cent a month' }

/** Nodes and the secret of a cluster that is not paused. */
export function clusterPrice(region: string, { nodeType, nodes }: { nodeType: string; nodes: number }): Price {
  const price = (node: number) => ({
    perHour: node * nodes,
    perMonth: node * nodes * hoursPerMonth + secretMonth,
  })
  const storage = `and ${dollars(storageGigabyteMonth, 3)} per GB and month stored, also while paused`
  return priced(nodeHour[nodeType] ?? {}, region, price, `${nodes} × ${nodeType} and its secret, ${storage}`)
}

/** What is billed while a cluster is paused: its secret and storage. Nodes are not, unless they are reserved. */
export const pausedClusterPrice: Price = {
  perHour: secretMonth / hoursPerMonth,
  perMonth: secretMonth,
  note: `its secret, and ${dollars(storageGigabyteMonth, 3)} per GB and month stored, including snapshots; reserved nodes are still billed`,
}

/** Compute while queries run. The price per month is the most that the daily limit allows. */
export function workgroupPrice(
  region: string,
  { baseCapacity, dailyLimit }: { baseCapacity: number; dailyLimit: number },
): Price {
  const price = (unit: number) => ({ perHour: unit * baseCapacity, perMonth: unit * dailyLimit * 31 })
  return priced(rpuHour, region, price, `only while queries run, stopped after ${dailyLimit} RPU-hours a day`)
}

/** The price in a region; if it is not known, the one in us-east-1 for comparison. */
function priced(
  perUnit: Readonly<Record<string, number>>,
  region: string,
  price: (unit: number) => { perHour: number; perMonth: number },
  note: string,
): Price {
  const [here, measure] = [perUnit[region], perUnit[measureRegion]]
  if (here !== undefined) return { ...price(here), note }
  const elsewhere = measure === undefined ? {} : { elsewhere: { region: measureRegion, ...price(measure) } }
  return { perHour: null, perMonth: null, note, ...elsewhere }
}

/** The namespace has the data and the secret. */
export const namespacePrice: Price = {
  perHour: secretMonth / hoursPerMonth,
  perMonth: secretMonth,
  note: `its secret, and ${dollars(storageGigabyteMonth, 3)} per GB and month stored`,
}

/** An amount of dollars as text; `unknown` for null. */
export function dollars(amount: number | null, digits = 2): string {
  if (amount === null) return 'unknown'
  if (amount > 0 && amount < 0.01 && digits === 2) return 'under $0.01'
  const text = amount.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `$${text}`
}

/** The sum of prices; null if one of them is. */
export function total(amounts: readonly (number | null)[]): number | null {
  return amounts.reduce((sum, amount) => (sum === null || amount === null ? null : sum + amount), 0)
}
