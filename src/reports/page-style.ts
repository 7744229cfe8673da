/** The style of the page: one column, light or dark like the reader's system, readable on a phone and on paper. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #24292f; --soft: #57606a; --rule: #d0d7de; --shade: #f3f5f7; --link: #0058a3;
}
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e6e8ea; --soft: #a3abb3; --rule: #3a4148; --shade: #1f2429; --link: #6cb6ff; }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
body { max-width: 752px; margin: 0 auto; padding: 2rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 .25rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.soft { color: var(--soft); margin: 0; }
.headlines { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .5rem; margin: 1.5rem 0; }
.headlines div { background: var(--shade); border-radius: .5rem; padding: .6rem .9rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.headlines dt { color: var(--soft); font-size: .875rem; }
.headlines dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
nav ul { margin: .25rem 0 0; padding-left: 1.2rem; columns: 20rem; }
nav li { break-inside: avoid; }
section { margin-top: 3rem; scroll-margin-top: 1rem; }
figure { margin: 0; }
.answer { margin: 0 0 1rem; font-size: 1.05rem; }
.chart svg { display: block; max-width: 100%; }
.chart text { fill: var(--ink); }
.chart .role-axis-grid line { stroke: var(--rule); }
.chart .mark-rect path:hover, .chart .mark-symbol.role-mark path:hover { opacity: .75; }
.narrow { display: none; }
@media (max-width: 560px) { .wide { display: none; } .narrow { display: block; } }
details { border-top: 1px solid var(--rule); margin-top: .75rem; padding-top: .5rem; }
details + details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--link); width: fit-content; padding: .15rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; margin-top: .5rem; overflow-wrap: normal; }
th, td { padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
th { font-weight: 600; }
td { min-width: 4ch; max-width: 28rem; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { background: var(--shade); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; font-size: .85rem; line-height: 1.45; margin: .5rem 0 0; }
code { font-family: ui-monospace, monospace; }
footer { margin-top: 4rem; border-top: 1px solid var(--rule); padding-top: 1rem; font-size: .875rem; color: var(--soft); }
#tooltip {
  position: fixed; z-index: 1; pointer-events: none; max-width: min(24rem, 90vw); padding: .4rem .6rem; font-size: .875rem;
  background: var(--paper); color: var(--ink); border: 1px solid var(--rule); border-radius: .4rem; box-shadow: 0 2px 8px #0004;
}
@page { margin: 15mm; }
@media print {
  :root { color-scheme: light; }
  nav, #tooltip, details:not([open]) { display: none; }
  body { max-width: none; padding: 0; }
  section { margin-top: 1.5rem; }
  h2, figcaption, summary { break-after: avoid; }
  figure, tr, .data:not(:has(tbody tr:nth-child(11))) { break-inside: avoid; }
  .chart svg { height: auto; }
  .scroll { overflow: visible; }
  table { max-width: 100%; font-size: .75rem; line-height: 1.3; }
  th, td { padding: .1rem .5rem .1rem 0; }
}
`
