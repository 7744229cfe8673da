"""The five tables of the folder source as Parquet files, with Polars; prints their rows. It promises what star.sql promises."""

from glob import glob

import polars as pl

events_schema = dict.fromkeys(
    "artist auth firstName gender lastName level location method page song userAgent userId".split(), pl.String
) | {"itemInSession": pl.Int32, "length": pl.Float64, "registration": pl.Float64} | dict.fromkeys(
    ("sessionId", "status", "ts"), pl.Int64
)
songs_schema = dict.fromkeys("artist_id artist_location artist_name song_id title".split(), pl.String) | dict.fromkeys(
    ("artist_latitude", "artist_longitude", "duration"), pl.Float64
) | {"num_songs": pl.Int32, "year": pl.Int32}


def read(name, schema):
    files = sorted(glob(f"source/{name}/**/*.json", recursive=True))
    return pl.scan_ndjson(files, schema=schema).collect()


col = pl.col
events, staged = read("log_data", events_schema), read("song_data", songs_schema)
users = (
    events.filter(col("userId") != "")
    .sort("ts", "sessionId", "itemInSession")
    .group_by("userId")
    .last()
    .select("userId", "firstName", "lastName", "gender", "level", pl.from_epoch("ts", "ms").alias("last_event_at"))
)
songs = staged.select("song_id", "title", "artist_id", "artist_name", col("year").replace(0, None), "duration")
is_placed = col("artist_latitude").is_null() | col("artist_longitude").is_null()
artists = (
    staged.sort("artist_id", is_placed, col("artist_location").fill_null("") == "", "artist_name", "artist_location")
    .unique("artist_id", keep="first", maintain_order=True)
    .select("artist_id", "artist_name", "artist_location", "artist_latitude", "artist_longitude")
)
matches = songs.sort("song_id").unique(["title", "artist_name", "duration"], keep="first")
names = songs.group_by("artist_name").agg(col("artist_id").min().alias("named"))
songplays = (
    events.filter(col("page") == "NextSong")
    .join(
        matches.select("title", "artist_name", "duration", "song_id", "artist_id"),
        left_on=["song", "artist", "length"],
        right_on=["title", "artist_name", "duration"],
        how="left",
    )
    .join(names, left_on="artist", right_on="artist_name", how="left")
    .select(
        (col("sessionId") * 1048576 + col("itemInSession")).alias("songplay_id"),
        pl.from_epoch("ts", "ms").alias("start_time"),
        *["userId", "level", "song_id", pl.coalesce("artist_id", "named").alias("artist_id"), "sessionId", "itemInSession"],
        *["location", col("userAgent").str.strip_chars('"'), "song", "artist", "length"],
    )
)
at = songplays.select(col("start_time").unique())
parts = {"hour": "hour", "day": "day", "week": "week", "month": "month", "year": "year", "weekday": "weekday"}
time = at.with_columns(getattr(col("start_time").dt, part)().alias(name) for name, part in parts.items())
for name, table in sorted({"users": users, "songs": songs, "artists": artists, "songplays": songplays, "time": time}.items()):
    table.write_parquet(f"{name}.parquet")
    print(name, len(table), sep="|")
