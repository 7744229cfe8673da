// The script of the page: shows a tooltip for the mark under the pointer.
const tooltip = document.getElementById('tooltip')

function show(event) {
  const mark = event.target.closest?.('.mark-rect [aria-label], .mark-symbol [aria-label]')
  tooltip.hidden = !mark
  if (!mark) return
  tooltip.replaceChildren(
    ...mark
      .getAttribute('aria-label')
      .split('; ')
      .map((text) => {
        const line = document.createElement('div')
        line.textContent = text
        return line
      }),
  )
  const { width, height } = tooltip.getBoundingClientRect()
  tooltip.style.left = `${Math.max(4, Math.min(event.clientX + 14, document.documentElement.clientWidth - width - 4))}px`
  tooltip.style.top = `${event.clientY + 18 + height < innerHeight ? event.clientY + 18 : event.clientY - height - 10}px`
}

// Touch screens can't hover, so a tap shows it too.
for (const name of ['pointermove', 'pointerdown']) addEventListener(name, show)
addEventListener(
  'scroll',
  () => {
    tooltip.hidden = true
  },
  { passive: true },
)
addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tooltip.hidden = true
})
