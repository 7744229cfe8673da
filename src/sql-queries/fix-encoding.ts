import type { Dialect } from './dialect.ts'
import { isPlay, trimmed } from './songplays.ts'
import { identifier, list, type Sql, sql } from './sql.ts'

/** Matches the bytes of text whose characters are all in Latin-1. */
const isLatin1 = sql`'^([0-7][0-9A-F] |C[23] [89AB][0-9A-F] )*$'`

/** Matches the bytes of valid UTF-8 (RFC 3629, section 4), in lower or upper case. */
const isUtf8 = sql`'^([0-7][0-9A-Fa-f] |[Cc][2-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Dd][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee]0 [ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee][1-9A-CEFa-cef] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee][Dd] [89][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff]0 [9ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff][1-3] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff]4 8[0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] )*$'`

/**
 * Converts Latin-1 text from UTF-8 to one byte per character: U+0080 to U+00BF are C2 and the byte, U+00C0 to U+00FF are C3 and the
 * byte minus 0x40. Writes new digits in lower case, so that no replacement changes the result of another.
 */
function latin1Bytes(bytes: Sql): Sql {
  return sql`replace(replace(replace(replace(replace(${bytes}, 'C2 ', ''), 'C3 8', 'c'), 'C3 9', 'd'), 'C3 A', 'e'), 'C3 B', 'f')`
}

/**
 * The artists and songs of the staged plays that are not ASCII, each once. A separate table, because in one statement the optimizer
 * would convert the text of every event instead of every different text.
 */
export function createNonAsciiTexts({ byteLength }: Dialect): Sql {
  const texts = ['artist', 'song'].map(
    (column) => sql`
      select ${trimmed(identifier(column))} as arrived
      from staging_events
      where ${isPlay} and ${byteLength(identifier(column))} <> length(${identifier(column)})`,
  )
  return sql`
    create temp table sparkify_non_ascii_texts as
    ${list(texts, '\nunion\n')}`
}

/** The texts of `sparkify_non_ascii_texts` that were encoded twice or three times (UTF-8 read as Latin-1), with the original text. */
export function createRepairedTexts(dialect: Dialect): Sql {
  return sql`
    create temp table sparkify_repaired_texts as
    with spelled as (
      select arrived, ${dialect.spacedHex(sql`arrived`)} as bytes from sparkify_non_ascii_texts
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
    left join decoded_twice t on t.arrived = o.arrived`
}

/** One offender if the engine converts text to bytes and back otherwise than we need: Redshift doesn't document that `$1` refers back. */
export function convertsTexts({ spacedHex, textOfHex }: Dialect): Sql {
  return sql`
    select case when ${spacedHex(sql`word`)} = '42 6A C3 B6 ' and ${textOfHex(sql`bytes`)} = word then 0 else 1 end as offenders
    from (select 'Bjö' as word, '426AC3B6' as bytes) sample`
}

/** The repaired artists and songs of the plays in conflict, with the text that arrived: arrived, repaired. */
export function repairedInConflicts(): Sql {
  return sql`
    select arrived, repaired
    from sparkify_repaired_texts
    where repaired in (
      select song_title from sparkify_duplicate_plays where outcome = 'conflict'
      union all
      select artist_name from sparkify_duplicate_plays where outcome = 'conflict'
    )`
}
