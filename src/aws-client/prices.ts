/** What a thing costs. `undefined` where the price is not known; never a guess. */
export interface Price {
  /** US dollars an hour while it exists (serverless: while queries run). */
  readonly perHour: number | undefined
  /** US dollars a month if it is forgotten. */
  readonly perMonth: number | undefined
  readonly note: string
  /** Where it is not known: what it is in a region where it is. */
  readonly elsewhere?: { readonly region: string; readonly perHour: number; readonly perMonth: number }
}

/** The day on which the prices below were last compared with their sources. */
export const pricesAsOf = '2026-10-07'

export const hoursPerMonth = 730

/**
 * US dollars an hour on demand, by node type and region. Sources: the Price List API as of 2026-09-24 (rg) and the pricing page as
 * of 2026-10-07 (ra3). A region or type that is not listed is unknown: prices differ between regions by up to a half.
 */
const nodeHour: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'rg.large': { 'us-east-1': 0.3801 },
  'rg.xlarge': { 'us-east-1': 0.7602 },
  'rg.4xlarge': { 'us-east-1': 3.04267 },
  'ra3.large': { 'us-east-1': 0.543, 'eu-central-1': 0.649 },
  'ra3.xlplus': { 'us-east-1': 1.086 },
}

/** US dollars an RPU-hour of Redshift Serverless. */
const rpuHour: Readonly<Record<string, number>> = { 'us-east-1': 0.375 }

/** US dollars a month for a secret, in every commercial region. */
export const secretMonth = 0.4
/** US dollars a GB and month of managed storage, us-east-1. */
export const storageGigabyteMonth = 0.024
/** US dollars an hour for a public IPv4 address, in every commercial region. */
const addressHour = 0.005

const measureRegion = 'us-east-1'

export const free: Price = { perHour: 0, perMonth: 0, note: 'free' }

/** The control bucket holds some kilobytes for some days. */
export const bucketPrice: Price = { perHour: 0, perMonth: 0, note: 'less than a cent a month' }

/** Nodes, the public address and the secret of a cluster that is not paused. */
export function clusterPrice(region: string, { nodeType, nodes }: { nodeType: string; nodes: number }): Price {
  const price = (node: number) => {
    const perHour = node * nodes + addressHour
    return { perHour, perMonth: perHour * hoursPerMonth + secretMonth }
  }
  const storage = `and ${dollars(storageGigabyteMonth, 3)} per GB and month stored, also while paused`
  return priced(
    nodeHour[nodeType] ?? {},
    region,
    price,
    `${nodes} × ${nodeType}, its public address and its secret, ${storage}`,
  )
}

/** What goes on being billed of a cluster that sleeps: its secret, and what it stores. Its nodes are not, unless they are reserved. */
export const pausedClusterPrice: Price = {
  perHour: secretMonth / hoursPerMonth,
  perMonth: secretMonth,
  note: `paused: its secret, and ${dollars(storageGigabyteMonth, 3)} per GB and month stored, snapshots too; reserved nodes are billed on`,
}

/** Compute while queries run. The month is the most that the daily limit lets through, every day. */
export function workgroupPrice(
  region: string,
  { baseCapacity, dailyLimit }: { baseCapacity: number; dailyLimit: number },
): Price {
  const price = (unit: number) => ({ perHour: unit * baseCapacity, perMonth: unit * dailyLimit * 31 })
  return priced(rpuHour, region, price, `only while queries run, stopped after ${dailyLimit} RPU-hours a day`)
}

/** The price in a region; where it is not known, the one in us-east-1 as a measure. */
function priced(
  perUnit: Readonly<Record<string, number>>,
  region: string,
  price: (unit: number) => { perHour: number; perMonth: number },
  note: string,
): Price {
  const [here, measure] = [perUnit[region], perUnit[measureRegion]]
  if (here !== undefined) return { ...price(here), note }
  const elsewhere = measure === undefined ? {} : { elsewhere: { region: measureRegion, ...price(measure) } }
  return { perHour: undefined, perMonth: undefined, note, ...elsewhere }
}

/** The namespace holds the data and the secret. */
export const namespacePrice: Price = {
  perHour: secretMonth / hoursPerMonth,
  perMonth: secretMonth,
  note: `its secret, and ${dollars(storageGigabyteMonth, 3)} per GB and month stored`,
}

/** An amount as a person reads it; `unknown` where it is not known. */
export function dollars(amount: number | undefined, digits = 2): string {
  if (amount === undefined) return 'unknown'
  if (amount > 0 && amount < 0.01 && digits === 2) return 'under $0.01'
  const text = amount.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `$${text}`
}

/** The sum of prices; unknown if one of them is. */
export function total(amounts: readonly (number | undefined)[]): number | undefined {
  return amounts.reduce((sum, amount) => (sum === undefined || amount === undefined ? undefined : sum + amount), 0)
}
