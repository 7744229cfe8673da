/** The commands, the settings and the bill as Markdown. */
import {
  clusterPrice,
  dollars,
  pricesAsOf,
  secretMonth,
  storageGigabyteMonth,
  workgroupPrice,
} from '../../../src/aws-client/prices.ts'
import { defaultShapes } from '../../../src/aws-client/settings.ts'
import { type Command, commonOptions, help } from '../../../src/command.ts'
import { commands } from '../../../src/commands/help.ts'
import { type ConfigKey, configKeys } from '../../../src/config-keys.ts'
import { firstSentence } from '../../../src/text.ts'
import { markdownTable } from './dictionary.ts'
import { fenced } from './markdown.ts'

/** Every command with what it does. */
export function commandTable(): string {
  const rows = commands.map(({ name, summary }) => [`\`${name}\``, firstSentence(summary)])
  return markdownTable(['command', 'does'], rows).join('\n')
}

/** The help of every command; the options that all of them take once, at the end. */
export function helpOfCommands(): string {
  const isCommon = (line: string) => Object.keys(commonOptions).some((name) => line.startsWith(`  --${name} `))
  const linesOf = (command: Command) => help(command).split('\n')
  const own = commands.map((command) => {
    const [usage = '', , summary = '', ...options] = linesOf(command).filter((line) => !isCommon(line))
    return [`### ${command.name}`, summary, fenced('text', [usage, ...options].join('\n'))].join('\n\n')
  })
  const common = commands.slice(0, 1).flatMap(linesOf).filter(isCommon)
  return [...own, '### All commands', fenced('text', common.join('\n'))].join('\n\n')
}

/** Every key of a config, section by section. */
export function settingsTable(): string {
  const sections = [...new Set(configKeys.map(({ section }) => section))]
  const rows = sections.flatMap((name) => configKeys.filter(({ section }) => section === name).map(settingsRow))
  return markdownTable(['key', 'meaning', 'default'], rows).join('\n')
}

function settingsRow({ section, key, meaning, fallback }: ConfigKey): string[] {
  return [`\`[${section}] ${key}\``, meaning, fallback === undefined ? '' : `\`${fallback}\``]
}

/** What the two kinds of warehouse cost in us-east-1, in the shapes that a config without other wishes gets. */
export function bill(): string {
  const { cluster, serverless } = defaultShapes
  const workgroup = workgroupPrice('us-east-1', serverless)
  const node = clusterPrice('us-east-1', cluster)
  const atMost = `at most ${dollars(workgroup.perMonth, 0)} per month: AWS stops it at a daily limit`
  const rows = [
    ['`redshift-serverless`', `${dollars(workgroup.perHour)} per hour, only while queries run`, atMost],
    [
      '`redshift`, one node',
      `${dollars(node.perHour)} per hour, unless paused`,
      `${dollars(node.perMonth, 0)} per month`,
    ],
  ]
  const others = `Stored data costs ${dollars(storageGigabyteMonth, 3)} per GB and month, the password's secret ${dollars(secretMonth)} per month.`
  return [
    ...markdownTable(['`ENGINE`', 'costs', 'if you forget it'], rows),
    '',
    `${others} Prices in us-east-1 of ${pricesAsOf}.`,
  ].join('\n')
}
