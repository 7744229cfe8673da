import { compileFunction } from 'node:vm'
import type { TopLevelSpec } from 'vega-lite'
import { textWidth } from '../text.ts'
import { packageFile } from './package-file.ts'

type Vega = typeof import('vega')
type VegaLite = typeof import('vega-lite')
type TextMetrics = { width: (item: { readonly fontSize?: number; readonly limit?: number }, text: unknown) => number }

/** Vega's own bundle for browsers. It draws the SVG files here and, inlined, the charts of the page there. */
export function vegaSource(): string {
  return packageFile('vega', 'build/vega.min.js')
}

/**
 * Vega's interpreter of its expressions, as a script that adds `expressionInterpreter` to `vega`: with it nothing is compiled in the
 * page, so the page may forbid that. It comes as an ES module, whose one import and one export are said of `vega` here.
 */
export function interpreterSource(): string {
  const source = packageFile('vega-interpreter', 'build/vega-interpreter.js')
  const script = source
    .replace(/^import (\{[^}]*\}) from 'vega-util';$/m, 'const $1 = vega;')
    .replace(/^export \{ (\w+) as expressionInterpreter \};$/m, 'vega.expressionInterpreter = $1;')
    .replace(/^\/\/# sourceMappingURL=.*$/m, '')
  return `{\n${script.trim()}\n}`
}

/** Their licences ask to be handed on with every copy. */
export function licenseOf(name: 'vega' | 'vega-interpreter'): string {
  return packageFile(name, 'LICENSE')
}

let loaded: { readonly vega: Vega; readonly vegaLite: VegaLite } | undefined

/**
 * The Vega and Vega-Lite modules. Their ES modules wait for a canvas at the top level, which `require` refuses,
 * so their bundles are evaluated instead; nothing of them runs before the first chart is drawn.
 */
function libraries() {
  if (loaded === undefined) {
    const vega = evaluate<Vega>(vegaSource(), {})
    const vegaLite = evaluate<VegaLite>(packageFile('vega-lite', 'build/vega-lite.min.js'), { vega })
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

/** A Vega-Lite spec as the Vega spec that says the same. Throws what the compiler would only warn about. */
export function compileChart(spec: TopLevelSpec): import('vega').Spec {
  return libraries().vegaLite.compile(spec, { logger: { ...logger, warn: refuse } as never }).spec
}

function refuse(...messages: readonly unknown[]): never {
  throw new Error(`The chart can't be drawn: ${messages.join(' ')}`)
}

/** Vega's own would print an error and go on with half a chart. */
const logger = { level: () => logger, error: refuse, warn: () => logger, info: () => logger, debug: () => logger }

/** The chart as SVG text, once for each of `widths`, so wide in all. The same spec and width give the same text, on any machine. */
export async function drawChart(spec: import('vega').Spec, ...widths: readonly number[]): Promise<string[]> {
  const { vega } = libraries()
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger: logger as never })
  const drawn: string[] = []
  for (const width of widths) drawn.push(await view.width(width).signal('outerWidth', width).toSVG())
  view.finalize()
  // Vega shortens text by code units and may leave half a character in front of the ellipsis.
  return drawn.map((svg) => svg.replace(/\p{Surrogate}/gu, ''))
}

/** Widths of a wide sans-serif face in units of the font size, rather too wide than too narrow: labels must not leave the picture. */
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
