"""load.py [dlt|chdb] FILE.sql…: runs the files, in star.duckdb or in chdb, and prints the rows of the last. dlt fills staging before."""

import sys

how, *files = sys.argv[1:]
if how == "chdb":
    from chdb.session import Session

    session = Session("star.chdb")
    statements = ";".join(open(file, encoding="utf-8").read() for file in files).split(";")
    for statement in filter(str.strip, statements):
        rows = str(session.query(statement, "TSV")).replace("\t", "|")
    sys.exit(print(rows, end=""))

import duckdb

if how == "dlt":
    import dlt
    from dlt.sources.filesystem import filesystem, read_jsonl

    read = [
        (filesystem(bucket_url=folder, file_glob="**/*.json") | read_jsonl()).with_name(table)
        for table, folder in (("staging_events", "source/log_data"), ("staging_songs", "source/song_data"))
    ]
    database = dlt.destinations.duckdb("star.duckdb", naming_convention="direct")
    dlt.pipeline("bench", pipelines_dir="pipelines", destination=database, dataset_name="main").run(read)

with duckdb.connect("star.duckdb") as connection:
    for file in files:
        result = connection.execute(open(file, encoding="utf-8").read())
    for row in result.fetchall():
        print(*row, sep="|")
