/** What somebody could write into the source, or into a config, to make the suite do other things than load it. */

/** What a terminal obeys: clear the screen, set its title, a link, the clipboard, a bell, C1 controls, changes of direction. */
export const terminalTexts = [
  '\x1b[2J\x1b[H',
  '\x1b]0;title\x07',
  '\x1b]8;;http:x\x1b\\click\x1b]8;;\x1b\\',
  '\x1b]52;c;cm0gLXJm\x07',
  '\x1bc',
  '\x9b31m\x9d0;x\x9c',
  'a\rb\bc\x07\x7f',
  '\u202egnp\u2066x\u2069',
  '\u200b\ufeff\u2028',
]

/** What a statement, a shell, a path, a pattern or a format could obey. */
export const otherTexts = [
  `it's "quoted"`,
  `'); drop table canary; --`,
  `'; delete from canary; select '`,
  `\\'; drop table canary; --`,
  '$$; drop table canary; $$',
  'back\\slash\\',
  'two\nlines',
  '%s%n%2e%2e%2f',
  '*?[a-z]{b,c}',
  '$(touch canary) `touch canary`',
  '-rf',
  '~',
  ' blanks ',
  '..a..',
  'tab\t',
  '<script>alert(1)</script>&amp;',
  '日本 🎸 é e\u0301',
  '$PATH {{x}} %PATH%',
  'null',
]

export const hostileTexts = [...terminalTexts, ...otherTexts]

/** The characters of an output that a terminal would obey, but for those of this suite's own: colours, and lines it takes back. */
export function obeyed(output: string): string[] {
  const rest = output.replace(/\x1b\[\d*(;\d+)*m|\x1b\[1G|\x1b\[[02]?K|\r+\n/g, '\n')
  return rest.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff]/g) ?? []
}
