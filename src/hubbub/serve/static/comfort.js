/* Comfort only: every page is whole without it.
   1. The pointer over a chart shows that place's row of its table in words.
   2. Dates picked in the period form are kept in order. */
'use strict';

for (const figure of document.querySelectorAll('figure.course')) {
  const rows = [...figure.querySelectorAll('tbody tr')];
  if (!rows.length) continue;
  const words = (row) => [...row.cells].slice(0, 3).map((cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll('.unseen').forEach((hidden) => hidden.remove());
    return copy.textContent.trim();
  });
  const head = [...figure.querySelectorAll('thead th')].map((cell) => cell.textContent.trim());
  const legend = figure.querySelector('.keys');
  const rest = legend.cloneNode(true);
  const line = document.createElement('li');
  for (const svg of figure.querySelectorAll('svg.chart')) {
    const plot = svg.querySelector('.background');
    svg.addEventListener('pointermove', (event) => {
      const box = plot.getBoundingClientRect();
      const place = Math.floor(((event.clientX - box.left) / box.width) * rows.length);
      if (place < 0 || place >= rows.length) return;
      const [when, now, before] = words(rows[place]);
      line.textContent = `${when}: ${now} · ${head[2]} ${before}`;
      line.className = 'reading';
      legend.replaceChildren(line);
    });
    svg.addEventListener('pointerleave', () => {
      legend.replaceChildren(...rest.cloneNode(true).children);
    });
  }
}

for (const form of document.querySelectorAll('.picker form')) {
  const { from, to } = form.elements;
  from.addEventListener('change', () => { to.min = from.value; });
  to.addEventListener('change', () => { from.max = to.value; });
}
