/**
 * What `npm run check` wants to know of the packages: that each is exactly what was locked, from the registry and nowhere
 * else, runs nothing when it is installed, is under a licence that asks for nothing, and has no known vulnerability.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface LockedPackage {
  readonly version?: string
  readonly integrity?: string
  /** Where it comes from; npm leaves it out for the registry (`omit-lockfile-registry-resolved` in .npmrc). */
  readonly resolved?: string
  readonly link?: boolean
  readonly license?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

export interface Lock {
  readonly lockfileVersion: number
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** Licences that let anybody use, change and pass on the code, and ask for no more than their own text. */
const permissive = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']

/** For tools that are neither passed on nor linked: MPL asks for changes to its own files only, and there are none. */
const forDevelopment = [...permissive, 'MPL-2.0']

/** Packages whose install script does nothing that is needed; .npmrc (`ignore-scripts`) keeps npm from running it. */
export const scriptsNotNeeded: Readonly<Record<string, string>> = {
  'node_modules/@swc/core': 'looks whether its binary fits this machine, to fetch a slower one if not',
}

/** What is wrong with the lockfile, a sentence a problem. */
export function lockProblems({ lockfileVersion, packages }: Lock): string[] {
  const problems = lockfileVersion === 3 ? [] : [`package-lock.json has version ${lockfileVersion}, not 3.`]
  for (const [place, entry] of Object.entries(packages)) {
    if (place === '') continue
    const { integrity = '', resolved, link, license, dev, hasInstallScript } = entry
    const name = place.replace(/^.*node_modules\//, '')
    if (link || resolved !== undefined) problems.push(`${name} comes from ${resolved}, not from the registry.`)
    if (!/^sha512-[\w+/]{86}==$/.test(integrity)) problems.push(`${name} has no SHA-512 to be checked by.`)
    if (hasInstallScript && !(place in scriptsNotNeeded)) problems.push(`${name} wants to run a script when installed.`)
    if (!isAllowed(license, dev ? forDevelopment : permissive))
      problems.push(`${name} is under ${license ?? 'no licence'}, which is not on the list.`)
  }
  return problems
}

/** Of "A OR B" one must be on the list, of "A AND B" both. */
function isAllowed(expression: string | undefined, list: readonly string[]): boolean {
  if (expression === undefined) return false
  const choices = expression.replace(/^\((.*)\)$/, '$1').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((licence) => list.includes(licence)))
}

/** Dependencies that package.json does not pin to one version. */
export function manifestProblems({ dependencies = {}, devDependencies = {} }: Manifest): string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} is ${version} in package.json, which is not one version.`)
}

export type Audit = { readonly vulnerabilities: readonly string[] } | { readonly unknown: string }

/** Asks the registry, once and for at most so many ms, which packages have known vulnerabilities; moderate ones and worse are named. */
export function audit(timeoutMs: number, environment = process.env): Promise<Audit> {
  const env = { ...environment, npm_config_fetch_retries: '0', npm_config_fetch_timeout: String(timeoutMs) }
  const child = spawn('npm', ['audit', '--json'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const timer = setTimeout(() => child.kill(), timeoutMs)
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ unknown: message }))
    child.on('close', (_, signal) => {
      clearTimeout(timer)
      resolve(signal ? { unknown: `no answer within ${timeoutMs / 1000} s` } : readAudit(text))
    })
  })
}

function readAudit(text: string): Audit {
  try {
    const { vulnerabilities, message } = JSON.parse(text) as {
      vulnerabilities?: Record<string, { severity: string; range: string }>
      message?: string
    }
    if (!vulnerabilities) return { unknown: message ?? 'an answer without a list' }
    const serious = Object.entries(vulnerabilities).filter(([, { severity }]) => !['info', 'low'].includes(severity))
    return { vulnerabilities: serious.map(([name, { severity }]) => `${name} has a known vulnerability: ${severity}.`) }
  } catch {
    return { unknown: 'an answer that is no JSON' }
  }
}

async function main(): Promise<void> {
  const read = (name: string) => JSON.parse(readFileSync(join(__dirname, '..', name), 'utf8'))
  const lock: Lock = read('package-lock.json')
  const audited = await audit(20_000)
  const problems = [
    ...lockProblems(lock),
    ...manifestProblems(read('package.json')),
    ...('vulnerabilities' in audited ? audited.vulnerabilities : []),
  ]
  const say = (line: string) => process.stderr.write(`${line}\n`)
  for (const problem of problems) say(problem)
  // Not to know is no failure: the check must work without a network.
  if ('unknown' in audited) say(`audit     not done: the registry's advisories can't be reached (${audited.unknown}).`)
  else say(`audit     ${audited.vulnerabilities.length} known vulnerabilities`)
  say(`check     packages       ${Object.keys(lock.packages).length - 1} locked, ${problems.length} problems`)
  if (problems.length > 0) process.exitCode = 1
}

if (require.main === module) main()
