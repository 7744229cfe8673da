/** What the double can't show: for the page in the documentation, and for whoever trusts a green test too much. */
export const limits: readonly string[] = [
  'It is PostgreSQL under a disguise, written from documentation and recorded errors. It never met a Redshift; messages and error codes nobody recorded are plausible, not proved.',
  'Nothing about speed, distribution, sort order, compression, memory, queues, result cache, cold starts or bills: distribution and sort keys are checked, remembered and shown, and change nothing.',
  'Writers take turns for the whole database. On Redshift they wait only for the tables they share, and under snapshot or serializable isolation may fail instead of waiting; serializable conflicts come only from faults.',
  'A transaction that read while another wrote, and then writes itself, goes on with the newest rows; Redshift would refuse it if it touched the same rows.',
  'A statement that PostgreSQL is working on can be neither cancelled nor timed out; waiting for a lock, reading objects and an arranged delay can.',
  'SET is not undone by a rollback. Cursors, PREPARE, stored procedures, UDFs, materialized views, UNLOAD, external tables, SUPER and spatial types, QUALIFY, TOP, PIVOT, SELECT INTO, MERGE … REMOVE DUPLICATES are valid on Redshift and refused here with a message that says so.',
  "What PostgreSQL refuses is refused even where Redshift would accept it: an alias used beside its definition, comparisons of text with numbers. What Redshift refuses in ways no word tells is accepted: correlated subqueries it can't flatten, a MERGE source that is a view, rows over 4 MB.",
  "Division and averages of decimals have more digits than on Redshift. Functions are refused by name only: one that both know may answer differently for odd arguments. Regular expressions are PostgreSQL's.",
  'Text longer than its column because of blanks at the end is cut by characters, not by bytes. VARBYTE is shown with \\x in front.',
  'Everybody is a superuser: GRANT, REVOKE, users, groups and owners are accepted and ignored. A missing privilege has to be arranged: as a fault, or withheld from has_table_privilege.',
  'IDENTITY counts without gaps and in order, which Redshift does not promise.',
  'COPY reads JSON only (no CSV, Parquet, Avro), one object after the other. It reports errors in the order of the manifest and stops at the limit of MAXERROR exactly; Redshift reads in parallel and may report others, and more. TIMEFORMAT knows auto, the epochs and ISO formats. A JSON number keeps all its digits; Redshift may lose some. A record broken across lines is given up to the end of its line. Control characters in a text that are not escaped are refused, as JSON has it; what Redshift does is not documented.',
  'lines_scanned counts lines, the last one with or without its line feed; how Redshift counts the lines of JSON is not documented. file_last_modified is always null, and the system views never lag unless a fault hides their rows. STL views do not exist.',
  'Catalog views have the documented columns, but svv_table_info invents sizes, and information_schema and the pg_ tables are those of PostgreSQL 18.',
  'Login is by clear-text password inside TLS; IAM plugins, multi-factor login and single sign-on are not there. The certificate is made for localhost.',
]
