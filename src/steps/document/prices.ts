/** The prices that documents name, from the table that `create-infrastructure --plan` uses. */
import {
  clusterPrice,
  dollars,
  pricesAsOf,
  secretMonth,
  storageGigabyteMonth,
  workgroupPrice,
} from '../../aws-client/prices.ts'
import { configKeys } from '../../config.ts'

/** US dollars in us-east-1, as text, of what a config without sizes of its own gets. */
export function documentedPrices(): Readonly<Record<string, string>> {
  const fallback = (name: string) => configKeys.find(({ key }) => key === name)?.fallback ?? ''
  const region = 'us-east-1'
  const cluster = clusterPrice(region, {
    nodeType: fallback('DWH_NODE_TYPE'),
    nodes: Number(fallback('DWH_NUM_NODES')),
  })
  const workgroup = workgroupPrice(region, {
    baseCapacity: Number(fallback('BASE_RPU')),
    dailyLimit: Number(fallback('DAILY_RPU_HOURS')),
  })
  return {
    prices_as_of: pricesAsOf,
    cluster_hour: dollars(cluster.perHour),
    cluster_month: dollars(cluster.perMonth, 0),
    workgroup_hour: dollars(workgroup.perHour),
    workgroup_month: dollars(workgroup.perMonth, 0),
    storage_month: dollars(storageGigabyteMonth, 3),
    secret_month: dollars(secretMonth),
  }
}
