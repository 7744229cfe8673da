/** Makes the commands that a hint names into lines to paste, which use the same config. */

const commands = '(?:create-infrastructure|create-tables|destroy-infrastructure)'
const option = '--[a-z-]+(?:[ =][A-Z0-9]\\w*(?:\\.\\w+)*)?'
/** A command in words: `run create-tables`, `destroy-infrastructure --yes`. */
const inWords = new RegExp(
  `(?<!npm run )\\b(?:(?<=\\b[Rr]un )(${commands}|etl)\\b((?: ${option})*)|(${commands})((?: ${option})+))`,
  'g',
)
/** A line to paste, with what follows the dashes. A line that names a config stays the same. */
const line = new RegExp(
  `npm (?:run (?:${commands}|etl|analyze|query|status|doctor)|start)\\b(?! -- --config)(?: --(?: (?:${option}|"[^"]*"))+)?`,
  'g',
)

/** Replaces every command in a text by a line to paste that ends with `--config FILE`. Without a file, the text stays the same. */
export function withConfig(text: string, file: string | undefined): string {
  if (file === undefined) return text
  return text
    .replace(inWords, (_, named, options, other, more) => {
      const given = options || more
      return `npm run ${named ?? other}${given ? ` --${given}` : ''}`
    })
    .replace(line, (found) => `${found}${found.includes(' -- ') ? '' : ' --'} --config ${file}`)
}
