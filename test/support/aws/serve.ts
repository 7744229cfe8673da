import { parseArgs } from 'node:util'
import { startAwsDouble } from './server.ts'

/** Runs the double by hand: `npx ts-node test/support/aws/serve.ts --port 4566 --bucket udacity-dend=some/folder`. Prints the environment for another shell. */
async function serve(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4566' },
      region: { type: 'string', default: 'us-west-2' },
      bucket: { type: 'string', multiple: true, default: [] },
    },
  })
  const double = await startAwsDouble({ port: Number(values.port), region: values.region })
  for (const pair of values.bucket) {
    const [name = '', folder = '.'] = pair.split('=')
    double.seedBucket(name, { public: true, folder })
  }
  for (const [name, value] of Object.entries(double.environment)) console.log(`export ${name}=${value}`)
  process.once('SIGINT', async () => {
    console.error(double.remaining().length === 0 ? 'nothing left' : double.remaining())
    await double.close()
  })
}

void serve()
