import type { Dialect } from './dialect.ts'
import { type Sql, sql } from './sql.ts'

/** Bytes of a text whose characters all fit in Latin-1. */
const isLatin1 = sql`'^([0-7][0-9A-F] |C[23] [89AB][0-9A-F] )*$'`

/** Bytes of valid UTF-8 (RFC 3629, section 4), in lower or upper case. */
const isUtf8 = sql`'^([0-7][0-9A-Fa-f] |[Cc][2-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Dd][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee]0 [ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee][1-9A-CEFa-cef] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee][Dd] [89][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff]0 [9ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff][1-3] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff]4 8[0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] )*$'`

/**
 * One byte a character: UTF-8 spells U+0080 to U+00BF as C2 and the byte, U+00C0 to U+00FF as C3 and the byte less 40 hex.
 * New digits are written in lower case, so no replacement can hit what another one made.
 */
function latin1Bytes(bytes: Sql): Sql {
  return sql`replace(replace(replace(replace(replace(${bytes}, 'C2 ', ''), 'C3 8', 'c'), 'C3 9', 'd'), 'C3 A', 'e'), 'C3 B', 'f')`
}

/**
 * The artists and songs of the staged plays that are not ASCII, each once. A table of its own, because an optimizer that
 * sees through to the events would take every event apart instead of every text. Texts that differ only in blanks at the
 * end are two: for Redshift, `arrived` alone would be the same.
 */
export function createForeignTexts(dialect: Dialect): Sql {
  const { byteLength, exact } = dialect
  const isForeign = (text: Sql) => sql`page = 'NextSong' and ${byteLength(text)} <> length(${text})`
  return sql`
    create temp table foreign_texts as
    select artist as arrived, ${exact(sql`artist`)} as arrived_exactly
    from staging_events where ${isForeign(sql`artist`)}
    union
    select song as arrived, ${exact(sql`song`)} as arrived_exactly
    from staging_events where ${isForeign(sql`song`)}`
}

/** Of `foreign_texts` those that are UTF-8 read as Latin-1 and encoded again, once or twice, with what they were before. */
export function createRepairedTexts(dialect: Dialect): Sql {
  return sql`
    create temp table repaired_texts as
    with spelled as (
      select arrived, ${dialect.spacedHex(sql`arrived`)} as bytes from foreign_texts
    ),
    decoded_once as (
      select arrived, ${latin1Bytes(sql`bytes`)} as bytes
      from spelled
      where bytes ~ ${isLatin1} and ${latin1Bytes(sql`bytes`)} ~ ${isUtf8}
    ),
    decoded_twice as (
      select arrived, ${latin1Bytes(sql`upper(bytes)`)} as bytes
      from decoded_once
      where upper(bytes) ~ ${isLatin1} and ${latin1Bytes(sql`upper(bytes)`)} ~ ${isUtf8}
    )
    select
      o.arrived,
      ${dialect.textOfHex(sql`replace(coalesce(t.bytes, o.bytes), ' ', '')`)} as repaired
    from decoded_once o
    left join decoded_twice t on ${dialect.exact(sql`t.arrived`)} = ${dialect.exact(sql`o.arrived`)}`
}

/** What the artists and songs of the plays that lost their id to another play of this load were before their repair: arrived, repaired. */
export function repairedInConflicts({ exact }: Dialect): Sql {
  return sql`
    select arrived, repaired
    from repaired_texts
    where ${exact(sql`repaired`)} in (
      select ${exact(sql`song_title`)} from contested_plays where outcome = 'conflict'
      union all
      select ${exact(sql`artist_name`)} from contested_plays where outcome = 'conflict'
    )`
}
