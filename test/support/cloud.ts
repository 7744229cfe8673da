import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AwsDouble, type AwsDoubleOptions, refusedAssumption, startAwsDouble } from './aws/index.ts'
import { type RedshiftDouble, type RedshiftDoubleOptions, startRedshiftDouble } from './redshift/index.ts'

/** AWS and, behind the endpoint that it tells, Redshift: two doubles that know of each other, with a config that names both. */
export class Cloud {
  readonly folder = mkdtempSync(join(tmpdir(), 'sparkify-cloud-'))
  readonly configFile = join(this.folder, 'dwh.cfg')
  readonly aws: AwsDouble
  readonly redshift: RedshiftDouble

  private constructor(aws: AwsDouble, redshift: RedshiftDouble) {
    this.aws = aws
    this.redshift = redshift
  }

  static async start({
    engine = 'redshift',
    settings = '',
    aws: awsOptions = {},
    redshift: redshiftOptions = {},
  }: {
    engine?: 'redshift' | 'redshift-serverless'
    /** Further lines for the config. */
    settings?: string
    aws?: AwsDoubleOptions
    redshift?: RedshiftDoubleOptions
  } = {}): Promise<Cloud> {
    const read = (bucket: string, key: string) => aws.state.buckets.get(bucket)?.get(key)?.read()
    const redshift = await startRedshiftDouble({
      database: engine === 'redshift' ? 'dwh' : 'dev',
      users: (user, password) => [...aws.state.canaries].includes(password) && user === 'dwhuser',
      readObject: async (bucket, key) => read(bucket, key),
      roleState: (arn) =>
        refusedAssumption(aws.state, arn, 'redshift.amazonaws.com') === undefined ? 'ok' : 'not-authorized',
      ...redshiftOptions,
    })
    const aws = await startAwsDouble({
      ...awsOptions,
      endpoint: { host: 'localhost', port: redshift.port },
      dataApi: redshift.dataApi,
    })
    const cloud = new Cloud(aws, redshift)
    const caFile = join(cloud.folder, 'ca.pem')
    writeFileSync(caFile, redshift.ca)
    writeFileSync(
      cloud.configFile,
      [
        `[WAREHOUSE]\nENGINE = ${engine}\nCA_FILE = ${caFile}`,
        '[AWS]\nREGION = us-west-2',
        '[S3]\nLOG_DATA = s3://source/log_data\nSONG_DATA = s3://source/song_data',
        settings,
      ].join('\n'),
    )
    return cloud
  }

  /** For a child process: credentials, endpoint, and no waiting. */
  get environment(): Record<string, string> {
    return { ...this.aws.environment, SPARKIFY_POLL_MS: '10' }
  }

  async close(): Promise<void> {
    await this.redshift.close()
    await this.aws.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
