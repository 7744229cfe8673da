"""The star by dlt into DuckDB: dlt_load.py DATABASE LOG_DATA SONG_DATA PIPELINES STAR.sql"""

import sys

import dlt
import duckdb
from dlt.sources.filesystem import filesystem, read_jsonl

database, log_data, song_data, pipelines, star = sys.argv[1:]


def records(folder, name):
    return (filesystem(bucket_url=folder, file_glob="**/*.json") | read_jsonl()).with_name(name)


pipeline = dlt.pipeline(
    "bench", pipelines_dir=pipelines, destination=dlt.destinations.duckdb(database), dataset_name="arrived"
)
pipeline.run([records(log_data, "events"), records(song_data, "songs")])

connection = duckdb.connect(database)
connection.execute("create view staging_events as select * replace (epoch_ms(ts) as ts) from arrived.events")
connection.execute("create view staging_songs as select * from arrived.songs")
connection.execute(open(star, encoding="utf-8").read())
connection.close()
