"""The star row by row, a statement a row: row_by_row.py ENGINE TARGET LOG_DATA SONG_DATA

ENGINE is duckdb, TARGET then a file; or postgresql, TARGET then a connection string.
"""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

engine, target, log_data, song_data = sys.argv[1:]

if engine == "duckdb":
    import duckdb

    connection = duckdb.connect(target)
    cursor, place = connection, "?"
else:
    import psycopg2

    connection = psycopg2.connect(target)
    connection.autocommit = True
    cursor, place = connection.cursor(), "%s"


def run(statement, *values):
    cursor.execute(statement.replace("?", place), values)


for statement in (
    "create table users (user_id text primary key, first_name text, last_name text, gender text, level text)",
    "create table songs (song_id text primary key, title text, artist_id text, year integer, duration decimal(10,5))",
    "create table artists (artist_id text primary key, name text, location text, latitude decimal(10,5), longitude decimal(10,5))",
    "create table time (start_time timestamp primary key, hour integer, day integer, week integer, month integer, year integer, weekday integer)",
    "create table songplays (songplay_id bigint primary key, start_time timestamp, user_id text, level text, song_id text, artist_id text, session_id bigint, location text, user_agent text)",
):
    run(statement)


def records(folder):
    for path in sorted(Path(folder).rglob("*.json")):
        with open(path, encoding="utf-8") as file:
            yield from map(json.loads, file)


for song in records(song_data):
    run(
        "insert into songs values (?, ?, ?, ?, ?) on conflict do nothing",
        *(song[key] for key in ("song_id", "title", "artist_id", "year", "duration")),
    )
    run(
        "insert into artists values (?, ?, ?, ?, ?) on conflict do nothing",
        *(song[f"artist_{key}"] for key in ("id", "name", "location", "latitude", "longitude")),
    )

for event in records(log_data):
    if event["userId"]:
        run(
            "insert into users values (?, ?, ?, ?, ?) on conflict (user_id) do update set level = excluded.level",
            *(event[key] for key in ("userId", "firstName", "lastName", "gender", "level")),
        )
    if event["page"] != "NextSong":
        continue
    at = datetime.fromtimestamp(event["ts"] / 1000, timezone.utc).replace(tzinfo=None)
    _, week, weekday = at.isocalendar()
    run(
        "insert into time values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
        *(at, at.hour, at.day, week, at.month, at.year, weekday),
    )
    run(
        "select song_id, artists.artist_id from songs join artists on artists.artist_id = songs.artist_id"
        " where title = ? and name = ? and duration = ?",
        *(event[key] for key in ("song", "artist", "length")),
    )
    song_id, artist_id = cursor.fetchone() or (None, None)
    run(
        "insert into songplays values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
        *(event["sessionId"] * 1048576 + event["itemInSession"], at, event["userId"], event["level"], song_id, artist_id),
        *(event["sessionId"], event["location"], event["userAgent"]),
    )

connection.close()
