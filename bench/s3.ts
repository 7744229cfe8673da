/**
 * How many objects a second are fetched from S3: the songs of the generator, from a server on this machine, by our store and spool,
 * by a plain loop of GetObject, and by `aws s3 cp --recursive`. Each run is a process of its own, timed from its start to its end.
 *
 *     npx ts-node bench/s3.ts [--objects 14896] [--runs 3]
 *
 * versitygw and aws are looked for in the PATH, or named in VERSITYGW and AWS; what is not there is skipped with a line.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { openSourceClient } from '../src/aws-client/source-client.ts'
import { folderStore } from '../src/objects/folder.ts'
import { spool } from '../src/objects/prepare-files.ts'
import { s3Store } from '../src/objects/s3.ts'
import { generateSampleData } from '../src/sample-data/generate.ts'
import { stagingSongs } from '../src/schema/index.ts'

const region = 'us-east-1'
const bucket = 'songs'
const prefix = 'song_data/'
const port = 7979
const environment = {
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  ...process.env,
  AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'benchbench',
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
}
const versitygw = process.env.VERSITYGW ?? 'versitygw'
const aws = process.env.AWS ?? 'aws'

const isThere = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
const newClient = () => new S3Client({ region, forcePathStyle: true })

/** Our way: listed, fetched many at a time, verified, joined into files. */
async function ours(folder: string): Promise<number> {
  const client = await openSourceClient({ region })
  const store = s3Store(client, bucket, prefix)
  const objects = await store.list('song_data')
  let records = 0
  const options = { folder: join(folder, 'spool'), suspects: new Set<never>(), maxRefused: 0 }
  for await (const part of spool(store, stagingSongs, objects, options))
    for (const reading of await part.readings) records += reading.records
  client.destroy()
  return records
}

/** What a first script does: one after the other, each into the same file. */
async function loop(folder: string): Promise<number> {
  const client = newClient()
  let count = 0
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
      writeFileSync(join(folder, 'joined.json'), await buffer(Body as never), { flag: 'a' })
      count += 1
    }
  client.destroy()
  return count
}

const ways: Readonly<Record<string, (folder: string) => Promise<number>>> = { ours, loop }

/** Puts the generated songs into the server, many at a time. */
async function fill(folder: string, songs: number): Promise<void> {
  const out = join(folder, 'generated')
  await generateSampleData({ events: 100, songs, seed: 1, out })
  const store = folderStore(join(out, 'song_data'))
  const objects = await store.list('song_data')
  const client = newClient()
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  for (let start = 0; start < objects.length; start += 32)
    await Promise.all(
      objects.slice(start, start + 32).map(async (object) => {
        const Key = `${prefix}${object.key.slice(join(out, 'song_data').length + 1)}`
        await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: await store.read(object) }))
      }),
    )
  client.destroy()
}

/** Seconds that a command takes. */
async function timed(command: string, args: readonly string[]): Promise<number> {
  const start = performance.now()
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
  return (performance.now() - start) / 1000
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

async function compare(objects: number, runs: number): Promise<void> {
  if (!isThere(versitygw)) {
    console.log(`skipped: there is no ${versitygw}; bench/README.md says how to build it`)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-bench-'))
  const root = join(folder, 'root')
  mkdirSync(root)
  const keys = ['--access', environment.AWS_ACCESS_KEY_ID, '--secret', environment.AWS_SECRET_ACCESS_KEY]
  const meta = ['--sidecar', join(folder, 'meta')]
  mkdirSync(join(folder, 'meta'))
  const server = spawn(
    versitygw,
    [...keys, '--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet', 'posix', ...meta, root],
    {
      stdio: 'ignore',
    },
  )
  try {
    Object.assign(process.env, environment)
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)) break
      await wait(100)
    }
    await fill(folder, objects)
    console.log(`${objects} objects, ${cpus().length} × ${cpus()[0]?.model}, node ${process.version}`)
    const seconds: Record<string, number[]> = { ours: [], loop: [], aws: [] }
    if (!isThere(aws)) {
      console.log(`aws: skipped, there is no ${aws}`)
      delete seconds.aws
    }
    for (let run = 1; run <= runs; run += 1)
      for (const [way, times] of Object.entries(seconds)) {
        const target = mkdtempSync(join(folder, `${way}-`))
        const [command, ...args] =
          way === 'aws'
            ? [aws, 's3', 'cp', '--recursive', '--only-show-errors', `s3://${bucket}/${prefix}`, target]
            : [join('node_modules', '.bin', 'ts-node'), join('bench', 's3.ts'), '--way', way, '--into', target]
        const time = await timed(command ?? '', args)
        times.push(time)
        console.log(`run ${run}, ${way}: ${time.toFixed(1)} s`)
        rmSync(target, { recursive: true })
      }
    for (const [way, times] of Object.entries(seconds))
      console.log(`${way}: median ${median(times).toFixed(1)} s, ${Math.round(objects / median(times))} objects/s`)
  } finally {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      objects: { type: 'string', default: '14896' },
      runs: { type: 'string', default: '3' },
      way: { type: 'string' },
      into: { type: 'string', default: '.' },
    },
  })
  const way = values.way === undefined ? undefined : ways[values.way]
  if (way === undefined) return compare(Number(values.objects), Number(values.runs))
  if ((await way(values.into)) === 0) throw new Error('nothing was fetched')
}

void main()
