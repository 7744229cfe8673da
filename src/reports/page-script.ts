/**
 * The script of the page: replaces every picture by an interactive chart that fits its column and has tooltips. Plain JavaScript,
 * because it isn't compiled. A picture is replaced only after its chart is drawn; if anything fails, the picture stays.
 */
export const pageScript = `
const specs = JSON.parse(document.getElementById('specs').textContent)
const tooltip = document.getElementById('tooltip')

function hideTooltip() {
  tooltip.hidden = true
}

function showTooltip(handler, event, item, value) {
  if (value === null || value === undefined || value === '') return hideTooltip()
  tooltip.replaceChildren(...Object.entries(value).map(([name, text]) => {
    const line = document.createElement('div')
    const strong = document.createElement('strong')
    strong.textContent = text
    line.append(name + ': ', strong)
    return line
  }))
  tooltip.hidden = false
  const { width, height } = tooltip.getBoundingClientRect()
  tooltip.style.left = Math.max(4, Math.min(event.clientX + 14, document.documentElement.clientWidth - width - 4)) + 'px'
  tooltip.style.top = (event.clientY + 18 + height < innerHeight ? event.clientY + 18 : event.clientY - height - 10) + 'px'
}

async function draw(box, spec) {
  const stage = document.createElement('div')
  const view = new vega.View(vega.parse(spec, null, { ast: true }), {
    expr: vega.expressionInterpreter, container: stage, renderer: 'svg', tooltip: showTooltip,
  })
  stage.setAttribute('aria-hidden', 'true')
  // Touch screens can't hover, so a tap shows the tooltip.
  view.addEventListener('click', (event, item) => showTooltip(null, event, item, item && item.tooltip))
  const fit = () => view.width(box.clientWidth).signal('outerWidth', box.clientWidth).runAsync()
  await fit()
  box.replaceChildren(stage)
  new ResizeObserver(fit).observe(box)
}

addEventListener('scroll', hideTooltip, { passive: true })
addEventListener('pointerdown', hideTooltip)
addEventListener('keydown', (event) => event.key === 'Escape' && hideTooltip())
// Closed tables can't be opened on paper.
const folded = []
addEventListener('beforeprint', () => {
  folded.push(...document.querySelectorAll('details.data:not([open])'))
  for (const table of folded) table.open = true
})
addEventListener('afterprint', () => {
  for (const table of folded.splice(0)) table.open = false
})
for (const [id, spec] of Object.entries(specs)) draw(document.getElementById(id), spec)
`
