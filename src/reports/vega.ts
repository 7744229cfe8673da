import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import type { Spec } from 'vega'
import type { TopLevelSpec } from 'vega-lite'
import { textWidth } from '../text.ts'

type TextMetrics = { width: (item: { readonly fontSize?: number; readonly limit?: number }, text: unknown) => number }

/** The text of a file of an installed package, named from the folder of its entry. The packages don't export these files. */
function packageFile(name: string, path: string): string {
  // swc compiles import.meta.url for CommonJS, so this works under ts-node, vitest, Node and Deno.
  return readFileSync(join(createRequire(import.meta.url).resolve(name), '..', path), 'utf8')
}

let loaded: { readonly vega: typeof import('vega'); readonly vegaLite: typeof import('vega-lite') } | undefined

/**
 * The Vega and Vega-Lite modules, loaded when the first chart is drawn. Evaluates their bundles, because their ES modules have a
 * top-level await, which `require` doesn't support.
 */
function libraries() {
  if (loaded === undefined) {
    const vega = evaluate<typeof import('vega')>(packageFile('vega', 'vega.min.js'), {})
    const vegaLite = evaluate<typeof import('vega-lite')>(packageFile('vega-lite', 'vega-lite.min.js'), { vega })
    const { textMetrics } = vega as unknown as { textMetrics: TextMetrics }
    textMetrics.width = ({ fontSize = 11, limit }, text) =>
      Math.min(estimatedWidth(String(text ?? '')) * fontSize, limit || Number.POSITIVE_INFINITY)
    loaded = { vega, vegaLite }
  }
  return loaded
}

function evaluate<Exports>(source: string, dependencies: Readonly<Record<string, unknown>>): Exports {
  const module = { exports: {} }
  const require = (name: string) => dependencies[name]
  compileFunction(source, ['module', 'exports', 'require'])(module, module.exports, require)
  return module.exports as Exports
}

/** Compiles a Vega-Lite spec to a Vega spec. @throws Error for warnings of the compiler too. */
export function compileChart(spec: TopLevelSpec): Spec {
  return libraries().vegaLite.compile(spec, { logger: { ...logger, warn: refuse } as never }).spec
}

function refuse(...messages: readonly unknown[]): never {
  throw new Error(`The chart can't be drawn: ${messages.join(' ')}`)
}

/** Vega's default logger would print an error and continue with an incomplete chart. */
const logger = { level: () => logger, error: refuse, warn: () => logger, info: () => logger, debug: () => logger }

/** The chart as SVG text, once for each total width in `widths`. The same spec and width give the same text on any machine. */
export async function drawChart(spec: Spec, ...widths: readonly number[]): Promise<string[]> {
  const { vega } = libraries()
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger: logger as never })
  const drawn: string[] = []
  for (const width of widths) drawn.push(await view.width(width).signal('outerWidth', width).toSVG())
  view.finalize()
  // Vega shortens text by code units and may leave half a character before the ellipsis.
  return drawn.map((svg) => svg.replace(/\p{Surrogate}/gu, ''))
}

/** Widths of a wide sans-serif font in units of the font size. Rather too wide: labels must not leave the picture. */
const widths: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|!]/, 0.32],
  [/[ frt()[\]/\\"-]/, 0.4],
  [/[mwMW@%]/, 0.95],
  [/[A-Z&<>=+~#…]/, 0.75],
  [/./su, 0.64],
]

function estimatedWidth(text: string): number {
  let width = 0
  for (const character of text) {
    const columns = textWidth(character)
    if (columns === 2) width += 1.1
    else if (columns === 1) width += widths.find(([pattern]) => pattern.test(character))?.[1] ?? 0
  }
  return width
}
