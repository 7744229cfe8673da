import { markdownTable } from './dictionary.ts'

/** A package as package-lock.json has it, by its place in node_modules. */
export interface LockedPackage {
  readonly version?: string
  readonly license?: string
  /** True for what only the development of this suite needs. */
  readonly dev?: boolean
}

/** The licences of everything that is installed, each with its packages. */
export function licenceTable(packages: Readonly<Record<string, LockedPackage>>): string {
  const found = Object.entries(packages).filter(([place]) => place !== '')
  const rows = [false, true].flatMap((isDev) => {
    const own = found.filter(([, { dev }]) => (dev === true) === isDev)
    const licences = [...new Set(own.map(([, { license }]) => license ?? 'none stated'))].sort()
    return licences.map((licence) => {
      const names = own
        .filter(([, { license }]) => (license ?? 'none stated') === licence)
        .map(([place]) => nameOf(place))
      const unique = [...new Set(names)].sort()
      return [isDev ? 'development' : 'running', licence, String(unique.length), unique.join(', ')]
    })
  })
  return markdownTable(['for', 'licence', 'packages', 'names'], rows).join('\n')
}

/** `node_modules/a/node_modules/@b/c` is `@b/c`. */
function nameOf(place: string): string {
  return place.replace(/^.*node_modules\//, '')
}
