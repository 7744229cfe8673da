import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A PostgreSQL server that belongs to the benchmark, tuned for loading; what a crash would cost is no matter here. */
export interface PostgresqlServer {
  /** A command that runs psql against it, with no database named yet. */
  readonly psql: readonly string[]
  /** A connection string of libpq for a database. */
  address(database: string): string
  stop(): void
}

const port = '54329'
const packaged = '/usr/lib/postgresql'

const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  shared_buffers: '2GB',
  work_mem: '512MB',
  maintenance_work_mem: '1GB',
  jit: 'off',
  listen_addresses: '',
}

/** The folder of initdb, pg_ctl and psql, the latest first; undefined if PostgreSQL 15 or newer is not installed. */
export function findPostgresql(): string | undefined {
  const versions = existsSync(packaged) ? readdirSync(packaged).map(Number) : []
  const latest = Math.max(...versions.filter((version) => version >= 15))
  return Number.isFinite(latest) ? join(packaged, String(latest), 'bin') : undefined
}

/** Starts a server with an empty cluster in `folder`. It refuses to run as root, so then it runs as the user `postgres`. */
export function startPostgresql(binaries: string, folder: string): PostgresqlServer {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o700)
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? ['runuser', '-u', 'postgres', '--'] : []
  if (isRoot) {
    const id = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }))
    chownSync(folder, id('-u'), id('-g'))
  }
  const run = (...command: string[]) => {
    const [program = '', ...args] = [...user, ...command]
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' })
  }
  run(join(binaries, 'initdb'), '-D', folder, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale', 'C', '--no-sync')
  const options = Object.entries({ ...settings, port, unix_socket_directories: folder }).map(
    ([name, value]) => `-c ${name}='${value}'`,
  )
  const log = join(folder, 'server.log')
  run(join(binaries, 'pg_ctl'), '-D', folder, '-l', log, '-w', '-o', options.join(' '), 'start')
  return {
    psql: [
      ...user,
      join(binaries, 'psql'),
      ...['-h', folder, '-p', port, '-U', 'bench', '-q', '-X', '-v', 'ON_ERROR_STOP=1'],
    ],
    address: (database) => `host=${folder} port=${port} user=bench dbname=${database}`,
    stop: () => {
      run(join(binaries, 'pg_ctl'), '-D', folder, '-m', 'immediate', '-w', 'stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
