"""sqlglot_replay.py FOLDER: runs the statements that Redshift got on DuckDB, as sqlglot translates them, and compares the star and the
answers with those of ours.duckdb. FOLDER has recording.json: statements, objects (address: file), questions (name: SQL). Prints the
differences as JSON."""

import gzip
import json
import os
import re
import sys
from datetime import datetime, timedelta

import duckdb
import sqlglot
from sqlglot import exp

folder = sys.argv[1]
recording = json.load(open(f"{folder}/recording.json", encoding="utf-8"))
connection = duckdb.connect()
# Functions of Redshift that DuckDB spells otherwise and sqlglot leaves as they are.
for macro in (
    "to_varbyte(given, form) as case form when 'hex' then unhex(given) else encode(given) end",
    "from_varbyte(bytes, form) as decode(bytes)",
    "to_hex(bytes) as lower(hex(bytes))",
    "octet_length(given) as strlen(given)",
):
    connection.execute(f"create macro {macro}")


def object_at(address):
    content = open(os.path.join(folder, recording["objects"][address]), "rb").read()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def copy(text):
    """COPY by a manifest and jsonpaths: values come as text, and the columns convert them."""
    table, columns, manifest = re.match(r"copy (\w+) \(([^)]*)\)\s+from '([^']+)'", text).groups()
    columns = [name.strip(' "') for name in columns.split(",")]
    paths = json.loads(object_at(re.search(r"as json '([^']+)'", text)[1]))["jsonpaths"]
    keys = [re.fullmatch(r"\$\['(.*)'\]", path)[1] for path in paths]
    types = dict(connection.execute(f"select column_name, data_type from duckdb_columns() where table_name = '{table}'").fetchall())
    rows = []
    for entry in json.loads(object_at(manifest))["entries"]:
        for line in object_at(entry["url"]).decode("utf-8").splitlines():
            record = json.loads(line, parse_float=str, parse_int=str) if line.strip() else {}
            rows.append({name: value(record.get(key), types[name]) for name, key in zip(columns, keys)})
    if not rows:
        return
    file = f"{folder}/copy.json"
    with open(file, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    listed = ", ".join(f"'{name}': 'varchar'" for name in columns)
    connection.execute(
        f"insert into {table} ({', '.join(columns)}) select {', '.join(columns)} from read_json('{file}', columns = {{{listed}}})"
    )


def value(given, type_):
    if type_ == "TIMESTAMP" and given is not None:
        return str(datetime(1970, 1, 1) + timedelta(milliseconds=int(given)))
    # COPY takes an empty text for null where the column is no text.
    return None if given == "" and type_ != "VARCHAR" else given


def translated(text):
    tree = sqlglot.parse_one(text, read="redshift")
    if isinstance(tree, exp.Command):
        raise ValueError(f"sqlglot can't parse {text}")
    # It is global on Redshift.
    for call in tree.find_all(exp.RegexpReplace):
        call.set("modifiers", exp.Literal.string("g"))
        call.set("replacement", exp.Literal.string(call.args["replacement"].this.replace("$", "\\")))
    return tree.sql(dialect="duckdb")


# What only Redshift can be asked.
not_ours = re.compile(r"\b(information_schema|pg_\w+|sys_\w+|has_\w+_privilege)\b")
for text in recording["statements"]:
    if re.match(r"(set|lock)\b", text):
        continue
    if text in ("begin", "commit", "rollback"):
        connection.execute(text)
    elif text.startswith("copy"):
        copy(text)
    else:
        statement = translated(text)
        if not not_ours.search(text):
            connection.execute(statement)

connection.execute(f"attach '{folder}/ours.duckdb' as ours (read_only)")
different = []
for table in ("users", "songs", "artists", "time", "songplays"):
    here, there = f"select * exclude (load_id) from {table}", f"select * exclude (load_id) from ours.{table}"
    if table in ("songs", "artists", "time", "users"):
        here, there = f"select * from {table}", f"select * from ours.{table}"
    query = f"select count(*) from (({here} except all {there}) union all ({there} except all {here}))"
    if connection.execute(query).fetchone() != (0,):
        different.append(table)
for name, text in recording["questions"].items():
    rows = connection.execute(translated(text)).fetchall()
    connection.execute("use ours")
    theirs = connection.execute(text).fetchall()
    connection.execute("use memory")
    if rows != theirs:
        different.append(name)
print(json.dumps(different))
