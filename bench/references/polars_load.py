"""The five tables of star.sql from the folder source as Parquet files, with Polars. Prints their rows."""

from glob import glob

import polars as pl

col, null_if = pl.col, lambda name, value: pl.col(name).replace(value, None)


def read(name, text, whole, real):
    schema = {key: kind for keys, kind in ((text, pl.String), (whole, pl.Int64), (real, pl.Float64)) for key in keys.split()}
    return pl.scan_ndjson(sorted(glob(f"source/{name}/**/*.json", recursive=True)), schema=schema).collect()


events = read(
    "log_data",
    "artist auth firstName gender lastName level location method page song userAgent userId",
    "itemInSession sessionId status ts",
    "length registration",
)
staged = read(
    "song_data",
    "artist_id artist_location artist_name song_id title",
    "num_songs year",
    "artist_latitude artist_longitude duration",
)
at = pl.from_epoch("ts", "ms")
user = ["userId", "firstName", "lastName", "gender", "level"]
latest = events.filter(col("userId") != "").sort("ts", "sessionId", "itemInSession").group_by("userId").last()
is_placed = col("artist_latitude").is_null() | col("artist_longitude").is_null()
best = staged.sort("artist_id", is_placed, null_if("artist_location", "").is_null(), "artist_name", "artist_location")
songs = staged.select("song_id", "title", "artist_id", "artist_name", null_if("year", 0), "duration")
matches = songs.sort("song_id").unique(["title", "artist_name", "duration"], keep="first").drop("year")
names = songs.group_by("artist_name").agg(col("artist_id").min().alias("named"))
keys = {"left_on": ["song", "artist", "length"], "right_on": ["title", "artist_name", "duration"]}
plays = events.filter(col("page") == "NextSong").join(matches, **keys, how="left")
plays = plays.join(names, left_on="artist", right_on="artist_name", how="left").select(
    (col("sessionId") * 1048576 + col("itemInSession")).alias("songplay_id"),
    at.alias("start_time"),
    pl.coalesce("artist_id", "named").alias("artist_id"),
    *["userId", "level", "song_id", "sessionId", "itemInSession", "location", "song", "artist", "length"],
    col("userAgent").str.strip_chars('"'),
)
parts = [getattr(col("start_time").dt, part)().alias(part) for part in "hour day week month year weekday".split()]
tables = {
    "artists": best.unique("artist_id", keep="first").drop("song_id", "title", "duration", "num_songs", "year"),
    "songplays": plays,
    "songs": songs,
    "time": plays.select("start_time").unique().with_columns(parts),
    "users": latest.select(*user, at.alias("last_event_at")),
}
for name, table in tables.items():
    table.write_parquet(f"{name}.parquet")
    print(name, len(table), sep="|")
