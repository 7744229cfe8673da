import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { pace } from '../src/log.ts'

describe('pace', () => {
  const part = (done: number) => ({ done, total: 14_896, unit: 'object' })

  test('tells what is done, how fast, and how long the rest takes', () => {
    expect(pace(part(3000), { done: 0 }, 2000)).toBe('3,000 of 14,896 objects, 1,500/s, 7.93 s left')
    expect(pace({ done: 3, total: 600, unit: 'object' }, { done: 1 }, 4000)).toBe(
      '3 of 600 objects, 0.5/s, 19 min 54 s left',
    )
    expect(pace({ done: 1, total: 1, unit: 'object' }, { done: 0 }, 500)).toBe('1 of 1 object, 2/s, 0.00 s left')
  })

  test('tells no pace before there is one', () => {
    expect(pace(part(0), { done: 0 }, 5000)).toBe('0 of 14,896 objects')
    expect(pace(part(500), { done: 0 }, 20)).toBe('500 of 14,896 objects')
  })
})

const script = ['/usr/bin/script'].find(existsSync)

describe.skipIf(!script)('on a terminal (skipped where there is no /usr/bin/script to make one)', () => {
  /** All that generate says on a terminal of these settings. */
  function generate(settings: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'sparkify-log-'))
    const command = `node_modules/.bin/ts-node src/generate.ts --events 30000 --songs 500 --out ${folder}`
    const { PATH, HOME } = process.env
    const { stdout } = spawnSync(script ?? '', ['-qec', command, '/dev/null'], {
      cwd: projectFolder,
      env: { PATH, HOME, ...settings },
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true })
    return stdout
  }

  test('long work shows its pace, and colour unless NO_COLOR is set', () => {
    expect(generate({ TERM: 'xterm' })).toMatch(/… generate: [\d,]+ of 30,000 events, [\d,]+\/s, [\d.]+ s left/)
    const plain = generate({ TERM: 'xterm', NO_COLOR: '1' })
    expect(plain).toContain('… generate: ')
    expect(plain).not.toContain('\x1b[2m')
  })

  test('a step that tells nothing shows that it goes on', () => {
    const program = `const log = require('./src/log.ts').terminalLog()
      log.progress('copy')
      setTimeout(() => log.clear(), 2500)`
    const command = `node_modules/.bin/ts-node -e "${program}"`
    const { stdout } = spawnSync(script ?? '', ['-qec', command, '/dev/null'], { cwd: projectFolder, encoding: 'utf8' })
    expect(stdout).toMatch(/… copy\b.*… copy, 1\.00 s.*… copy, 2\.00 s/s)
  })

  test('a dumb one gets lines only, without a code of control', () => {
    const said = generate({ TERM: 'dumb' })
    expect(said).not.toMatch(/[\u001b…]/)
    expect(said).toContain('30,000 events')
  })
})
