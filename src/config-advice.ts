/** Messages about unknown keys and sections of a config. They never contain a value. */
import { distance } from 'fastest-levenshtein'
import { type ConfigKey, configKeys } from './config-keys.ts'

const credentials = /^(AWS_)?((SECRET_)?(ACCESS_)?KEY(_ID)?|SECRET|(SESSION_|SECURITY_)?TOKEN)$/

/** Names that other tools and courses have for our keys. */
const otherNames: Readonly<Record<string, string>> = {
  HOST: '(DB|DWH|CLUSTER)_(HOST|ENDPOINT)|ENDPOINT|DWH_HOST|HOSTNAME',
  DB_NAME: 'DB|DBNAME|DATABASE_NAME',
  DB_USER: 'USER|USERNAME|DB_USERNAME',
  DB_PASSWORD: 'PASSWORD|DB_PASS|PASSWD',
  DB_PORT: 'PORT',
  REGION: 'REGION_NAME|(AWS|DWH)_(DEFAULT_)?REGION|DEFAULT_REGION',
  ARN: '(DWH_|IAM_)?ROLE(_ARN)?|IAM_ROLE_ARN|DWH_ARN',
  DWH_CLUSTER_TYPE: 'CLUSTER_TYPE',
  DWH_NUM_NODES: 'NUM_NODES|NUMBER_OF_NODES',
  DWH_NODE_TYPE: 'NODE_TYPE',
  DWH_IAM_ROLE_NAME: 'IAM_ROLE_NAME|ROLE_NAME',
  DWH_CLUSTER_IDENTIFIER: 'CLUSTER_IDENTIFIER|CLUSTER_ID|IDENTIFIER',
  LOG_JSONPATH: 'LOG_JSON_?PATHS?|JSON_?PATHS?',
  PROFILE: 'AWS_PROFILE|PROFILE_NAME',
}

/** Why a key doesn't belong there, and what to write instead. Names it only if it is like a key, because it may be a secret. */
export function keyAdvice(section: string, key: string): string {
  if (credentials.test(key))
    return `${key}: credentials don't belong into a config. Delete the key; use \`aws configure\`, or put them into .env.`
  const right = configKeys.find((known) => known.key === key) ?? alias(key)
  if (right) return `${key}: did you mean ${right.key} in [${right.section}]?`
  const here = configKeys.filter((known) => known.section === section)
  const near = nearest(key, here) ?? nearest(key, configKeys)
  if (near)
    return `${key}: unknown key; did you mean ${near.key}${near.section === section ? '' : ` in [${near.section}]`}?`
  return here.length > 0 ? `unknown key; [${section}] has ${names(here)}.` : 'unknown key.'
}

/** The section that was meant; undefined if none is near. */
export function sectionMeant(name: string): string | undefined {
  const sections = [...new Set(configKeys.map(({ section }) => section))]
  const bare = name.toUpperCase().replace(/[^A-Z0-9_].*/s, '')
  if (sections.includes(bare)) return bare
  if (/^(IAM|ROLE)$/.test(bare)) return 'IAM_ROLE'
  return sections.find((section) => isNear(bare, section))
}

function alias(key: string): ConfigKey | undefined {
  const [name] = Object.entries(otherNames).find(([, pattern]) => new RegExp(`^(${pattern})$`).test(key)) ?? []
  return configKeys.find((known) => known.key === name)
}

function nearest(key: string, known: readonly ConfigKey[]): ConfigKey | undefined {
  const [first] = known
    .filter((each) => isNear(key, each.key))
    .sort((a, b) => distance(key, a.key) - distance(key, b.key))
  return first
}

/** At most one letter in four is wrong. */
function isNear(typed: string, known: string): boolean {
  return distance(typed, known) <= Math.max(1, Math.floor(known.length / 4))
}

const names = (keys: readonly ConfigKey[]): string => keys.map(({ key }) => key).join(', ')
