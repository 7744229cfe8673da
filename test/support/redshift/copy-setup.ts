/** What the tests of COPY start from: objects in memory, a session, a table of one column of each kind. */
import type pg from 'pg'
import { connectTo, type Notice } from './client.ts'
import { type RedshiftDouble, type RoleState, startRedshiftDouble } from './index.ts'

export const arn = 'arn:aws:iam::123456789012:role/loader'
export const role = `iam_role '${arn}'`
export const failed = {
  code: 'XX000',
  message: "Load into table 'songs' failed. Check 'sys_load_error_detail' system table for details.",
}

const table = `
  create table songs (
    id integer not null, title varchar(8), price decimal(6,2), length double precision, at timestamp, code char(3),
    live boolean, day date
  )`

export class CopySetup {
  readonly objects = new Map<string, Buffer>()
  /** The roles objects were read as. */
  readonly roles = new Set<string | undefined>()
  roleState: RoleState = 'ok'
  /** COPY waits for it before it reads the object `slow`. */
  arrival: Promise<void> = Promise.resolve()
  #double: RedshiftDouble | undefined
  #client: (pg.Client & { readonly notices: Notice[] }) | undefined

  async start(): Promise<void> {
    this.#double = await startRedshiftDouble({
      readObject: async (bucket, key, reader) => {
        this.roles.add(reader.role)
        if (key === 'slow') await this.arrival
        if (key === 'secret') throw Object.assign(new Error('no'), { name: 'AccessDenied' })
        return this.objects.get(`${bucket}/${key}`)
      },
      listObjects: async (bucket, prefix) =>
        [...this.objects.keys()]
          .filter((path) => path.startsWith(`${bucket}/${prefix}`))
          .map((path) => path.slice(bucket.length + 1)),
      roleState: () => this.roleState,
      defaultRole: arn,
      bucketRegion: (bucket) => (bucket === 'far' ? 'eu-west-1' : undefined),
    })
    this.#client = await connectTo(this.#double)
  }

  get double(): RedshiftDouble {
    if (this.#double === undefined) throw new Error('start first')
    return this.#double
  }

  get client() {
    if (this.#client === undefined) throw new Error('start first')
    return this.#client
  }

  /** No objects, an empty table. */
  async reset(): Promise<void> {
    this.objects.clear()
    this.roleState = 'ok'
    await this.client.query('drop table if exists songs')
    this.client.notices.length = 0
    await this.client.query(table)
  }

  async close(): Promise<void> {
    await this.client.end()
    await this.double.close()
  }

  /** Puts an object into the bucket `data`. */
  put(key: string, content: string | Buffer): void {
    this.objects.set(`data/${key}`, Buffer.from(content))
  }

  copy(rest: string, into = 'songs'): Promise<unknown> {
    return this.client.query(`copy ${into} from ${rest}`)
  }

  async list(text: string): Promise<readonly unknown[][]> {
    return (await this.client.query({ text, rowMode: 'array' })).rows
  }

  rows(columns = '*'): Promise<readonly unknown[][]> {
    return this.list(`select ${columns} from songs order by id`)
  }

  /** The errors of the last load that had any. */
  async loadErrors(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { rows } = await this.client.query(`
      select trim(file_name) as file, line_number as line, trim(column_name) as name, trim(column_type) as type,
        trim(column_length) as length, position, error_code as code, trim(error_message) as message
      from sys_load_error_detail
      where session_id = pg_backend_pid() and query_id = (select max(query_id) from sys_load_error_detail)`)
    return rows
  }
}
