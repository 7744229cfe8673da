/** Reads pages of Markdown: code, commands, links, headings, generated sections. */

export interface CodeBlock {
  /** What stands behind the three ticks: `sh`, `ini`; '' if nothing does. */
  readonly language: string
  readonly text: string
}

const block = /^```(\w*)\n([\s\S]*?)^```$/gm

/** The fenced blocks of a page, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  return [...page.matchAll(block)].map(([, language = '', text = '']) => ({ language, text }))
}

/** The code that stands inside of sentences. */
export function inlineCode(page: string): string[] {
  return [...page.replace(block, '').matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text)
}

/** The targets of links and pictures. */
export function linkTargets(page: string): string[] {
  return [...page.replace(block, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

/** The anchors that GitHub makes of the headings of a page. */
export function anchors(page: string): string[] {
  const headings = [...page.replace(block, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}

/** The commands of a page that start something of this project: in blocks, and inside of sentences where they begin with `npm` or `npx`. */
export function commandsOf(page: string): string[][] {
  const inSentences = inlineCode(page).filter((code) => /^np[mx] /.test(code))
  return [...commandsInBlocks(page), ...inSentences.flatMap(commandsOnLine)]
}

/** The commands in the blocks of a page: shell, systemd units, workflows. */
export function commandsInBlocks(page: string): string[][] {
  return codeBlocks(page)
    .filter(({ language }) => ['sh', 'ini', 'yaml'].includes(language))
    .flatMap(({ text }) => text.split('\n').flatMap(commandsOnLine))
}

/** The commands on a line of a shell, each as its words. Quotes are taken off; a comment, and what follows a redirection, is left out. */
function commandsOnLine(line: string): string[][] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []
  const commands: string[][] = [[]]
  for (const word of words) {
    if (word.startsWith('#')) break
    if (/^(&&|\|\|?|;)$/.test(word)) commands.push([])
    else commands.at(-1)?.push(word.replace(/^(["'])(.*)\1$/, '$2'))
  }
  return commands.flatMap((command) => {
    const start = command.findIndex((word) => /^np[mx]$|ts-node$/.test(word))
    const end = command.findIndex((word) => /^\d?>/.test(word))
    const own = start === -1 ? [] : command.slice(start, end === -1 ? undefined : end)
    return own.length > 1 ? [own] : []
  })
}

/** The page with `content` between `<!-- generated: NAME -->` and the next `<!-- end -->`. @throws Error if it has no such section. */
export function withSection(page: string, name: string, content: string): string {
  const section = new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(<!-- end -->)`)
  if (!section.test(page)) throw new Error(`The page has no section ${name}.`)
  return page.replace(section, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`)
}

/** Text as a fenced block. */
export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
}
