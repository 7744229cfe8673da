/** How many nodes of a type a cluster may have. */
interface NodeType {
  readonly single: boolean
  /** Most nodes of a multi-node cluster at creation; undefined if not known: then AWS decides. */
  readonly most: number | undefined
}

/** The node types that can still be created. */
export const nodeTypes: Readonly<Record<string, NodeType>> = {
  'rg.large': { single: true, most: 16 },
  'rg.xlarge': { single: false, most: 16 },
  'rg.4xlarge': { single: false, most: 32 },
  'rg.12xlarge': { single: false, most: undefined },
  'ra3.large': { single: true, most: 16 },
  'ra3.xlplus': { single: true, most: 16 },
  'ra3.4xlarge': { single: false, most: 32 },
  'ra3.16xlarge': { single: false, most: 128 },
}

/** Families that AWS no longer creates. */
export const retiredFamilies = ['dc1', 'dc2', 'ds1', 'ds2'] as const

/** The ports that these node types and serverless listen on. */
export const portRanges = [
  [5431, 5455],
  [8191, 8215],
] as const

/** The base and maximum capacities of serverless: 4, 8 and the multiples of 8. */
export function isCapacity(units: number): boolean {
  return units === 4 || (Number.isInteger(units / 8) && units >= 8 && units <= 1024)
}

/** Reserved words of Redshift, which can't be the name of a user or a database. */
export const reservedWords: ReadonlySet<string> = new Set(
  `aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup between binary blanksasnull both
  bytedict bzip2 case cast check collate column connect constraint create credentials cross current_date current_time
  current_timestamp current_user current_user_id default deferrable deflate defrag delta delta32k desc disable distinct do else
  emptyasnull enable encode encrypt encryption end except explicit false for foreign freeze from full globaldict256 globaldict64k
  grant group gzip having identity ignore ilike in initially inner intersect interval into is isnull join leading left like limit
  localtime localtimestamp lun luns lzo lzop minus mostly16 mostly32 mostly8 natural new not notnull null nulls off offline offset
  oid old on only open or order outer overlaps parallel partition percent permissions pivot placing primary public raw readratio
  recover references rejectlog resort respect restore right select session_user similar snapshot some sysdate system table tag tdes
  text255 text32k then timestamp to top trailing true truncatecolumns type union unique unnest unpivot user using verbose wallet
  when where with without rdsdb template0 template1 padb_harvest`.split(/\s+/),
)
