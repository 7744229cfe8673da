/** Tests that catch mistakes: a file, and the part of a name where its other tests take long. */
export const suites = {
  histories: { file: 'test/etl/histories.test.ts', named: 'on DuckDB' },
  cases: { file: 'test/cases.test.ts', named: 'on DuckDB' },
  conflicts: { file: 'test/etl/conflicts.test.ts', named: 'on DuckDB' },
  blanks: { file: 'test/redshift/parity.test.ts', named: 'blanks at the ends' },
  fates: { file: 'test/one-fate.test.ts', named: 'DuckDB' },
  writers: { file: 'test/one-writer.test.ts', named: 'two etl at once on Redshift' },
  literals: { file: 'test/sql-queries/sql.test.ts' },
  terminal: { file: 'test/hostile-input.test.ts', named: 'an error about the source' },
} satisfies Readonly<Record<string, Suite>>

export interface Suite {
  readonly file: string
  readonly named?: string
}

/** A deliberate mistake in the source, which a suite must catch. */
export interface Mistake {
  /** What is wrong then, as a noun phrase. */
  readonly about: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replacement: string
  /** At least one test of it must fail. */
  readonly suite: keyof typeof suites
}

/** Mistakes that a hand could make in the transforms and the loader. */
export const mistakes: readonly Mistake[] = [
  {
    about: 'an inner join for a left join: plays that the catalog does not explain are lost',
    file: 'src/sql-queries/songplays.ts',
    find: 'left join song_matches m',
    replacement: 'join song_matches m',
    suite: 'cases',
  },
  {
    about: 'plays are matched by title and artist only, not by their length',
    file: 'src/sql-queries/songplays.ts',
    find: '\n      and m.duration = p.length',
    replacement: '',
    suite: 'histories',
  },
  {
    about: 'the greatest song id where several explain a play',
    file: 'src/sql-queries/songplays.ts',
    find: 'select min(song_id) from',
    replacement: 'select max(song_id) from',
    suite: 'histories',
  },
  {
    about: 'no look for plays that stand twice in one load',
    file: 'src/sql-queries/songplays.ts',
    find: 'group by songplay_id having count(*) > 1',
    replacement: 'group by songplay_id having count(*) > 2',
    suite: 'cases',
  },
  {
    about: 'the last of two plays with one id stays, not the first',
    file: 'src/sql-queries/songplays.ts',
    find: `sql\`\${column} nulls last\``,
    replacement: `sql\`\${column} desc nulls last\``,
    suite: 'conflicts',
  },
  {
    about: 'texts that were encoded twice stay so',
    file: 'src/sql-queries/songplays.ts',
    find: `coalesce(s.repaired, \${trimmed(sql\`e.song\`)})`,
    replacement: `\${trimmed(sql\`e.song\`)}`,
    suite: 'histories',
  },
  {
    about: 'user agents keep the quotes around them',
    file: 'src/sql-queries/songplays.ts',
    find: `trim(both ' "' from e.user_agent)`,
    replacement: 'e.user_agent',
    suite: 'cases',
  },
  {
    about: 'of a user agent in quotes a character too few is cut off',
    file: 'src/sql-queries/songplays.ts',
    find: 'substring(e.user_agent, 2, length(e.user_agent) - 2)',
    replacement: 'substring(e.user_agent, 2, length(e.user_agent) - 1)',
    suite: 'cases',
  },
  {
    about: 'a user agent that ends with a blank is taken as it is',
    file: 'src/sql-queries/songplays.ts',
    find: ` or e.user_agent like ' %' or e.user_agent like '% '\n`,
    replacement: ` or e.user_agent like ' %'\n`,
    suite: 'cases',
  },
  {
    about: 'the week begins with a Sunday that is 0',
    file: 'src/sql-queries/songplays.ts',
    find: 'case when extract(dow from start_time) = 0 then 7 else extract(dow from start_time) end',
    replacement: 'extract(dow from start_time)',
    suite: 'cases',
  },
  {
    about: 'a play of this load is inserted although another one with its id is loaded',
    file: 'src/sql-queries/songplays.ts',
    find: ' or loaded_version is not null',
    replacement: '',
    suite: 'histories',
  },
  {
    about: 'plays that were loaded before their catalog are not matched again',
    file: 'src/etl/transform.ts',
    find: "  change(songplays, 'update', queries.updateRematchedPlays),\n",
    replacement: '',
    suite: 'cases',
  },
  {
    about: 'plays keep the match with a song that has another name now',
    file: 'src/sql-queries/dimensions.ts',
    find: 'where song_id in (select song_id from sparkify_changed_songs) and artist_name is not null',
    replacement: 'where false',
    suite: 'cases',
  },
  {
    about: 'the year 0 of a song is a year',
    file: 'src/sql-queries/dimensions.ts',
    find: 'nullif(year, 0) as year',
    replacement: 'year',
    suite: 'histories',
  },
  {
    about: 'of two events of a user at one instant, session and item do not tell which is the latest',
    file: 'src/sql-queries/dimensions.ts',
    find: 'order by last_event_at desc, last_session_id desc, last_item_in_session desc,',
    replacement: 'order by last_event_at desc,',
    suite: 'histories',
  },
  {
    about: 'blanks at the end of a text stay',
    file: 'src/sql-queries/songplays.ts',
    find: `nullif(trim(both ' ' from \${text}), '')`,
    replacement: `nullif(\${text}, '')`,
    suite: 'blanks',
  },
  {
    about: 'the star is committed before the ledger',
    file: 'src/etl/load-batch.ts',
    find: '  const recorded = together([\n',
    replacement:
      '  const recorded = together([\n    warehouse.execute(queries.sql`commit`),\n    warehouse.execute(queries.sql`begin`),\n',
    suite: 'histories',
  },
  {
    about: 'a load is no transaction',
    file: 'src/etl/commit.ts',
    find: '() => warehouse.transaction(work))\n  } catch',
    replacement: '() => work())\n  } catch',
    suite: 'histories',
  },
  {
    about: 'what another run has loaded since is loaded again',
    file: 'src/etl/load-batch.ts',
    find: '    start && verifyLatest(warehouse, start.latest),\n',
    replacement: '',
    suite: 'writers',
  },
  {
    about: 'a last batch of one object is left out',
    file: 'src/etl/find-objects.ts',
    find: '  if (batch.length > 0) yield batch\n',
    replacement: '  if (batch.length > 1) yield batch\n',
    suite: 'histories',
  },
  {
    about: 'an object that changed is taken for the one that was loaded',
    file: 'src/etl/find-objects.ts',
    find: 'known.get(object.key) !== object.etag || again.has(object.key)',
    replacement: '!known.has(object.key) || again.has(object.key)',
    suite: 'histories',
  },
  {
    about: 'a retry does not load the objects of which records are in quarantine',
    file: 'src/etl/find-objects.ts',
    find: 'new Set(rejected.map(({ object_key }) => object_key))',
    replacement: 'new Set()',
    suite: 'histories',
  },
  {
    about: 'a rebuild does not empty the tables first',
    file: 'src/etl/load.ts',
    find: '[...starTables, quarantine, loadLedger].map(clear)',
    replacement: '[loadLedger].map(clear)',
    suite: 'histories',
  },
  {
    about: 'what an object’s earlier version had put into quarantine stays',
    file: 'src/etl/load-batch.ts',
    find: '    warehouse.execute(queries.deleteSupersededQuarantine(literal(loadId))),\n',
    replacement: '',
    suite: 'histories',
  },
  {
    about: 'refused records are not counted',
    file: 'src/etl/load-batch.ts',
    find: "(name === 'quarantined' ? rejected.length :",
    replacement: "(name === 'quarantined' ? 0 :",
    suite: 'histories',
  },
  {
    about: 'plays that lost their id do not count for MAX_QUARANTINED',
    file: 'src/etl/load-batch.ts',
    find: '  verifyRejected(rejected, context.config.maxQuarantined)\n',
    replacement: '',
    suite: 'histories',
  },
  {
    about: 'half of a character in a text is plain',
    file: 'src/objects/plain-records.ts',
    find: '|[dD][89a-fA-F]',
    replacement: '',
    suite: 'histories',
  },
  {
    about: 'texts over their bytes are plain',
    file: 'src/objects/plain-records.ts',
    find: `\${character}{0,\${bytes}}"`,
    replacement: `\${character}*"`,
    suite: 'histories',
  },
  {
    about: 'a text column takes numbers as DuckDB writes them',
    file: 'src/objects/plain-records.ts',
    find: ', numberOf(15, 0))\n',
    replacement: ', numberOf(15, 9))\n',
    suite: 'fates',
  },
  {
    about: 'lines of which some bytes are not UTF-8 are plain',
    file: 'src/objects/validate-object.ts',
    find: 'isText || isUtf8(bytes.subarray(start, next))',
    replacement: 'true',
    suite: 'fates',
  },
  {
    about: 'lines are counted from 0',
    file: 'src/objects/lines.ts',
    find: '  let number = 0\n',
    replacement: '  let number = -1\n',
    suite: 'histories',
  },
  {
    about: 'bytes that are no UTF-8 are replaced',
    file: 'src/objects/validate-record.ts',
    find: 'const isText = isUtf8(bytes)',
    replacement: 'const isText = true',
    suite: 'histories',
  },
  {
    about: 'a quote in a text ends the literal',
    file: 'src/sql-queries/sql.ts',
    find: `text.replaceAll("'", "''")`,
    replacement: 'text',
    suite: 'literals',
  },
  {
    about: 'errors are written to the terminal as they are',
    file: 'src/cli.ts',
    find: 'escapeControlLines(words)',
    replacement: 'words',
    suite: 'terminal',
  },
  {
    about: 'a play whose texts are repaired is not found in its object when it loses its id',
    file: 'src/etl/conflicts.ts',
    find: "repaired.get(trimmed(text) ?? '') ?? trimmed(text)",
    replacement: 'trimmed(text)',
    suite: 'conflicts',
  },
]
