import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { audit, type Lock, lockProblems, manifestProblems, scriptsNotNeeded } from '../.ci/supply-chain.ts'
import { projectFolder } from '../src/folders.ts'
import { runProcess } from './support/process.ts'

const read = (path: string) => readFileSync(join(projectFolder, path), 'utf8')
const lock: Lock = JSON.parse(read('package-lock.json'))
const manifest = JSON.parse(read('package.json'))
const installed = Object.entries(lock.packages).filter(([place]) => place !== '')

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections()
})

/** A registry that knows of advisories, or never answers. Npm gets its address by its own variable. */
async function registry(advisories: object | 'silence'): Promise<NodeJS.ProcessEnv> {
  const server = createServer((request, response) => {
    if (advisories === 'silence') return
    const isQuestion = request.url?.endsWith('/advisories/bulk')
    response.writeHead(isQuestion ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isQuestion ? advisories : {}))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { ...process.env, npm_config_registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('the packages', () => {
  test('are pinned, from the registry, under a permissive licence, and run nothing when they are installed', () => {
    expect(installed.length).toBeGreaterThan(200)
    expect(lockProblems(lock)).toEqual([])
    expect(manifestProblems(manifest)).toEqual([])
    expect(lock.packages['']).toMatchObject({ dependencies: manifest.dependencies })
  })

  test('that have an install script all the same are the named ones, and npm is told not to run it', () => {
    const withScript = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => place)
    expect(withScript).toEqual(Object.keys(scriptsNotNeeded))
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m)
  })

  test('say of themselves the licence that the lockfile says', () => {
    const here = installed.filter(([place]) => existsSync(join(projectFolder, place, 'package.json')))
    expect(here.length).toBeGreaterThan(150)
    const wrong = here.filter(([place, { license }]) => JSON.parse(read(`${place}/package.json`)).license !== license)
    expect(wrong.map(([place]) => place)).toEqual([])
  })

  const fine = { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==`, license: 'MIT' }
  const locked = (entry: object): Lock => ({ lockfileVersion: 3, packages: { '': {}, 'node_modules/a': entry } })
  test.each([
    ['git', { ...fine, resolved: 'git+ssh://git@example.com/a.git#1' }, /^a comes from git\+ssh/],
    ['a web address', { ...fine, resolved: 'http://example.com/a.tgz' }, /^a comes from http:/],
    ['a folder', { resolved: '../a', link: true, ...fine }, /^a comes from \.\.\/a/],
    ['no checksum', { ...fine, integrity: undefined }, /^a has no SHA-512/],
    ['a weak checksum', { ...fine, integrity: 'sha1-AAAA' }, /^a has no SHA-512/],
    ['an install script', { ...fine, hasInstallScript: true }, /^a wants to run a script/],
    ['a licence with duties', { ...fine, license: 'GPL-3.0-only' }, /^a is under GPL-3\.0-only/],
    ['no licence', { ...fine, license: undefined }, /^a is under no licence/],
    ['a licence for tools only', { ...fine, license: 'MPL-2.0' }, /^a is under MPL-2\.0/],
    ['one good and one bad licence', { ...fine, license: 'MIT AND GPL-2.0' }, /^a is under MIT AND/],
  ])('with %s are refused', (_, entry, sentence) => {
    expect(lockProblems(locked(entry))).toEqual([expect.stringMatching(sentence)])
  })

  test.each([fine, { ...fine, license: '(MIT OR GPL-3.0)' }, { ...fine, license: 'MPL-2.0', dev: true }])(
    'are taken as %o',
    (entry) => {
      expect(lockProblems(locked(entry))).toEqual([])
    },
  )

  test('of a range of versions are refused', () => {
    const ranges = { a: '^1.0.0', b: 'latest', c: 'github:x/y', d: '1.x' }
    expect(manifestProblems({ dependencies: ranges })).toHaveLength(4)
  })
})

describe('the audit', () => {
  test('names a package with a known vulnerability', async () => {
    const advisory = (severity: string) => ({
      ...{ id: 1, url: 'https://example.com/1', title: 'x', vulnerable_versions: '*', cwe: [] },
      ...{ severity, cvss: { score: 8, vectorString: null } },
    })
    const found = await audit(30_000, await registry({ ini: [advisory('high')], dotenv: [advisory('low')] }))
    expect(found).toEqual({ vulnerabilities: ['ini has a known vulnerability: high.'] })
  })

  test('finds nothing where nothing is known', async () => {
    expect(await audit(30_000, await registry({}))).toEqual({ vulnerabilities: [] })
  })

  test('says that it knows nothing, without waiting long, where nobody answers', async () => {
    const begun = performance.now()
    expect(await audit(1_500, await registry('silence'))).toEqual({ unknown: expect.any(String) })
    expect(performance.now() - begun).toBeLessThan(10_000)
    const nowhere = { ...process.env, npm_config_registry: 'http://127.0.0.1:9' }
    expect(await audit(30_000, nowhere)).toEqual({ unknown: expect.stringContaining('ECONNREFUSED') })
  })
})

interface Component {
  readonly name: string
  readonly version: string
  readonly hashes: readonly { readonly alg: string }[]
  readonly properties: readonly { readonly name: string }[]
}

test('the bill of materials names every package with its checksum, and marks what only development needs', async () => {
  const [command = '', ...args] = manifest.scripts.sbom.split(' ')
  const { code, stdout } = await runProcess([command, ...args], {})
  expect(code).toBe(0)
  const { bomFormat, components } = JSON.parse(stdout) as {
    bomFormat: string
    components: Component[]
  }
  expect(bomFormat).toBe('CycloneDX')
  const named = (entries: typeof installed) =>
    [...new Set(entries.map(([place, { version }]) => `${place.replace(/^.*node_modules\//, '')}@${version}`))].sort()
  const found = (wanted: (component: Component) => boolean) =>
    components
      .filter(wanted)
      .map(({ name, version }) => `${name}@${version}`)
      .sort()
  expect(found(() => true)).toEqual(named(installed))
  const isMarked = ({ properties }: Component) => properties.some(({ name }) => name === 'cdx:npm:package:development')
  expect(found(isMarked)).toEqual(named(installed.filter(([, { dev }]) => dev)))
  expect(components.filter(({ hashes }) => !hashes.some(({ alg }) => alg === 'SHA-512'))).toEqual([])
})
