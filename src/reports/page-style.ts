/** The style of the page: two columns where they fit, light or dark like the reader's system, readable on a phone and on paper. */
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
body { max-width: 1520px; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 .25rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.soft { color: var(--soft); margin: 0; }
.headlines { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: .75rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.headlines li { background: var(--shade); border-radius: .5rem; padding: .7rem .9rem; display: flex; flex-direction: column; gap: .25rem; }
.headlines a { font-size: .8rem; text-decoration: none; }
.headlines a:hover { text-decoration: underline; }
.headlines p { margin: 0; font-weight: 600; line-height: 1.35; }
.sparkline { width: 100%; height: 2.5rem; margin-top: auto; }
.sparkline polyline { fill: none; stroke: #0072b2; stroke-width: 2; vector-effect: non-scaling-stroke; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 2.5rem 3rem; margin-top: 2.5rem; }
section { min-width: 0; scroll-margin-top: 1rem; }
figure { margin: 0; }
.answer { margin: 0 0 1rem; font-size: 1.05rem; }
.chart svg { display: block; max-width: 100%; height: auto; }
.chart text { fill: var(--ink); }
.chart .role-axis-grid line { stroke: var(--rule); }
.chart .mark-rect path:hover, .chart .mark-symbol.role-mark path:hover { filter: brightness(1.25); }
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
  #tooltip, details { display: none; }
  html { font-size: 11px; }
  body { max-width: none; padding: 0; }
  .headlines { grid-template-columns: repeat(3, 1fr); gap: .5rem; }
  main { grid-template-columns: 1fr 1fr; gap: 1rem 1.5rem; margin-top: 1rem; }
  section { break-inside: avoid; }
  .wide { display: block; }
  .narrow { display: none; }
  footer { margin-top: 1rem; }
}
`
