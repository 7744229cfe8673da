/** A deliberate mistake in the source, which tests must catch. */
export interface Mistake {
  /** What is wrong then, as a noun phrase. */
  readonly about: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replacement: string
  /** Test files of which at least one test must fail. */
  readonly tests: readonly string[]
  /** Only the tests of such a name, where the others take long. */
  readonly named?: string
}

const histories = ['test/etl/etl.test.ts']
const cases = ['test/cases.test.ts']
const parity = ['test/redshift/parity.test.ts']

/** Mistakes that a hand could make in the transforms and the loader. */
export const mistakes: readonly Mistake[] = [
  {
    about: 'an inner join for a left join: plays that the catalog does not explain are lost',
    file: 'src/sql-queries/plays.ts',
    find: 'left join song_matches m',
    replacement: 'join song_matches m',
    tests: cases,
  },
  {
    about: 'plays are matched by title and artist only, not by their length',
    file: 'src/sql-queries/plays.ts',
    find: '\n      and m.duration = p.length',
    replacement: '',
    tests: histories,
  },
  {
    about: 'the greatest song id where several explain a play',
    file: 'src/sql-queries/plays.ts',
    find: 'min(song_id) as song_id',
    replacement: 'max(song_id) as song_id',
    tests: histories,
  },
  {
    about: 'no look for plays that stand twice in one load',
    file: 'src/sql-queries/plays.ts',
    find: 'group by songplay_id having count(*) > 1',
    replacement: 'group by songplay_id having count(*) > 2',
    tests: cases,
  },
  {
    about: 'the last of two plays with one id stays, not the first',
    file: 'src/sql-queries/plays.ts',
    find: 'dialect.exact(column) : column} nulls last',
    replacement: 'dialect.exact(column) : column} desc nulls last',
    tests: cases,
  },
  {
    about: 'texts that were encoded twice stay so',
    file: 'src/sql-queries/plays.ts',
    find: 'coalesce(s.repaired, e.song)',
    replacement: 'e.song',
    tests: histories,
  },
  {
    about: 'user agents keep the quotes around them',
    file: 'src/sql-queries/plays.ts',
    find: `trim(both '"' from e.user_agent)`,
    replacement: 'e.user_agent',
    tests: cases,
  },
  {
    about: 'the week begins with a Sunday that is 0',
    file: 'src/sql-queries/plays.ts',
    find: 'case when extract(dow from start_time) = 0 then 7 else extract(dow from start_time) end',
    replacement: 'extract(dow from start_time)',
    tests: cases,
  },
  {
    about: 'the instants of ousted plays stay',
    file: 'src/etl/transform.ts',
    find: "  change(time, 'delete', queries.deleteOustedTime),\n",
    replacement: '',
    tests: histories,
  },
  {
    about: 'plays that were loaded before their catalog are not matched again',
    file: 'src/etl/transform.ts',
    find: "  change(songplays, 'update', queries.updateRematchedPlays),\n",
    replacement: '',
    tests: cases,
  },
  {
    about: 'plays keep the match with a song that has another name now',
    file: 'src/sql-queries/dimensions.ts',
    find: 'where song_id in (select song_id from changed_songs) and artist_name is not null',
    replacement: 'where false',
    tests: histories,
  },
  {
    about: 'the year 0 of a song is a year',
    file: 'src/sql-queries/dimensions.ts',
    find: 'nullif(year, 0) as year',
    replacement: 'year',
    tests: histories,
  },
  {
    about: 'of two events of a user at one instant, session and item do not tell which is the latest',
    file: 'src/sql-queries/dimensions.ts',
    find: 'order by last_event_at desc, last_session_id desc, last_item_in_session desc,',
    replacement: 'order by last_event_at desc,',
    tests: histories,
  },
  {
    about: 'blanks at the end of a text do not count on Redshift',
    file: 'src/sql-queries/dialect.ts',
    find: ' || chr(1))`',
    replacement: ')`',
    tests: parity,
    named: 'blanks at the end',
  },
  {
    about: 'the star is committed before the ledger',
    file: 'src/etl/load-batch.ts',
    find: '  await warehouse.insertRows(\n    loadLedger,',
    replacement:
      '  await warehouse.execute(queries.sql`commit`)\n  await warehouse.execute(queries.sql`begin`)\n  await warehouse.insertRows(\n    loadLedger,',
    tests: histories,
  },
  {
    about: 'a load is no transaction',
    file: 'src/etl/commit.ts',
    find: '() => warehouse.transaction(work))\n  } catch',
    replacement: '() => work())\n  } catch',
    tests: histories,
  },
  {
    about: 'what another run has loaded since is loaded again',
    file: 'src/etl/commit.ts',
    find: '    if ((await latestLoadId(warehouse)) !== start.latest) throw loadedMeanwhile()\n',
    replacement: '',
    tests: ['test/redshift/failures.test.ts'],
    named: 'at the same time',
  },
  {
    about: 'a last batch of one object is left out',
    file: 'src/etl/find-objects.ts',
    find: '  if (batch.length > 0) yield batch\n',
    replacement: '  if (batch.length > 1) yield batch\n',
    tests: histories,
  },
  {
    about: 'an object that changed is taken for the one that was loaded',
    file: 'src/etl/find-objects.ts',
    find: 'known.get(key) !== etag || again.has(key)',
    replacement: '!known.has(key) || again.has(key)',
    tests: histories,
  },
  {
    about: 'a retry does not load the objects of which records are in quarantine',
    file: 'src/etl/find-objects.ts',
    find: 'new Set(rejected.map(({ object_key }) => object_key))',
    replacement: 'new Set()',
    tests: histories,
  },
  {
    about: 'a rebuild does not empty the tables first',
    file: 'src/etl/load.ts',
    find: '[...starTables, quarantine, loadLedger].map(clear)',
    replacement: '[loadLedger].map(clear)',
    tests: histories,
  },
  {
    about: 'what an object’s earlier version had put into quarantine stays',
    file: 'src/etl/load-batch.ts',
    find: '  await warehouse.execute(queries.deleteSupersededRefusals(warehouse.dialect, literal(loadId)))\n',
    replacement: '',
    tests: histories,
  },
  {
    about: 'refused records are not counted',
    file: 'src/etl/load-batch.ts',
    find: '{ ...counts, quarantined: rejected.length }',
    replacement: '{ ...counts, quarantined: 0 }',
    tests: histories,
  },
  {
    about: 'plays that lost their id do not count for MAX_QUARANTINED',
    file: 'src/etl/load-batch.ts',
    find: '  verifyRejected(rejected, context.config.maxQuarantined)\n',
    replacement: '',
    tests: histories,
  },
  {
    about: 'nobody looks for what DuckDB takes in silence though it is no JSON',
    file: 'src/objects/quick-scan.ts',
    find: 'this.suspicious = this.findsIn(piece) || this.findsIn(seam)',
    replacement: 'this.suspicious = false',
    tests: histories,
  },
  {
    about: 'texts over their bytes and numbers out of range are loaded',
    file: 'src/sql-queries/staging.ts',
    find: '[...tooLong, ...outOfRange]',
    replacement: '[sql`false`]',
    tests: histories,
  },
  {
    about: 'lines are counted from 0',
    file: 'src/objects/lines.ts',
    find: '  let number = 0\n',
    replacement: '  let number = -1\n',
    tests: histories,
  },
  {
    about: 'bytes that are no UTF-8 are replaced',
    file: 'src/objects/validate-record.ts',
    find: 'const isText = isUtf8(bytes)',
    replacement: 'const isText = true',
    tests: histories,
  },
  {
    about: 'a quote in a text ends the literal',
    file: 'src/sql-queries/sql.ts',
    find: `text.replaceAll("'", "''")`,
    replacement: 'text',
    tests: ['test/sql-queries/sql.test.ts'],
  },
  {
    about: 'errors are written to the terminal as they are',
    file: 'src/cli.ts',
    find: 'escapeControlLines(words)',
    replacement: 'words',
    tests: ['test/hostile-input.test.ts'],
    named: 'an error about the source',
  },
  {
    about: 'a play whose texts are repaired is not found in its object when it loses its id',
    file: 'src/etl/conflicts.ts',
    find: "repaired.get(text ?? '') ?? (text || null)",
    replacement: 'text || null',
    tests: ['test/etl/conflicts.test.ts'],
    named: 'on DuckDB',
  },
]
