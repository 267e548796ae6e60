// Bars drawn by uPlot. A chart says nothing to a screen reader; its figures stand in a table beside it.
import uPlot from '../vendor/uPlot.esm.js';
import { html, useEffect, useRef } from '../kernel/dom.js';
import { theme } from '../kernel/theme.js';
import { money, number } from '../kernel/words.js';

const isDark = matchMedia('(prefers-color-scheme: dark)');

/** One step of a bar, and what is around all bars of a chart that lies on its side. */
const step = 34, around = 46;

/**
 * Draws two bars for each label; `name` says what the labels are. `series` is [{ label, values }, …]: the first one filled, the second
 * one hollow. With `isAcross` the bars lie on their side, which leaves room for long names.
 */
export function Chart({ name, labels, series, isAcross = false }) {
  const place = useRef();
  const chosen = theme.value;
  useEffect(() => {
    const element = place.current;
    let plot = null;
    let drawn = 0;
    const draw = () => {
      plot?.destroy();
      plot = null;
      drawn = element.clientWidth;
      // Null draws nothing; a bar of 0 would still have its outline.
      const figures = [labels.map((_, at) => at), ...series.map((each) => each.values.map((value) => value || null))];
      if (drawn > 0) plot = new uPlot(optionsOf(element, { name, labels, series, isAcross }), figures, element);
    };
    const observer = new ResizeObserver(() => element.clientWidth !== drawn && draw());
    // After the browser has taken over the colours of the theme.
    const frame = requestAnimationFrame(draw);
    observer.observe(element);
    isDark.addEventListener('change', draw);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      isDark.removeEventListener('change', draw);
      plot?.destroy();
    };
  }, [name, labels, series, isAcross, chosen]);
  return html`<div class="usage-chart ${isAcross ? 'usage-chart-across' : ''}" ref=${place} aria-hidden="true"></div>`;
}

function optionsOf(element, { name, labels, series, isAcross }) {
  const style = getComputedStyle(element);
  const colour = (name) => style.getPropertyValue(name).trim();
  const [text, line] = [colour('--usage-text'), colour('--usage-line')];
  const width = element.clientWidth;
  const font = `12px ${style.fontFamily}`;
  const bars = (align) => uPlot.paths.bars({ size: [isAcross ? 0.38 : 0.42, isAcross ? 14 : 28], align, gap: 1 });
  const nameSize = Math.min(Math.max(width * 0.4, 110), 260);
  const names = {
    stroke: text, font, grid: { show: false }, ticks: { show: false }, gap: 6,
    ...(isAcross
      ? {
        side: 3, size: nameSize, splits: () => labels.map((_, at) => at),
        values: () => labels.map((label) => shortened(label, nameSize - 14, font)),
      }
      : { size: 30, space: 64, incrs: [1, 2, 5, 7, 14, 30, 60, 90, 180, 365], values: (_, at) => at.map((each) => labels[each] ?? '') }),
  };
  const amounts = {
    stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { show: false }, scale: 'y',
    values: (_, at) => amountsOf(at),
    ...(isAcross ? { side: 2, size: 30, space: 76 } : { size: 68, space: 36 }),
  };
  return {
    width,
    height: isAcross ? labels.length * step + around : 260,
    legend: { show: true, live: true },
    cursor: { y: false, x: !isAcross, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: [-0.5, Math.max(labels.length - 0.5, 0.5)], ...(isAcross ? { ori: 1, dir: -1 } : {}) },
      y: { range: (_, _low, high) => [0, high > 0 ? high * 1.08 : 1], ori: isAcross ? 0 : 1 },
    },
    axes: [names, amounts],
    series: [
      { label: name, value: (_, at) => (at === null || at === undefined ? '–' : labels[at] ?? '–') },
      ...series.map(({ label }, at) => ({
        label,
        paths: bars(at === 0 ? -1 : 1),
        stroke: colour(at === 0 ? '--usage-spent' : '--usage-saved'),
        fill: at === 0 ? colour('--usage-spent') : 'transparent',
        width: 1.5,
        points: { show: false },
        value: (_, value, _series, index) => (index === null || index === undefined ? '–' : money(String(value ?? 0))),
      })),
    ],
  };
}

/** The amounts of an axis, all with as many digits as tell them apart. */
function amountsOf(values) {
  const between = values.length > 1 ? values[1] - values[0] : 1;
  const digits = between >= 0.01 ? 2 : Math.min(6, Math.ceil(-Math.log10(between)));
  return values.map((value) => number(value, {
    style: 'currency', currency: 'USD', minimumFractionDigits: digits, maximumFractionDigits: digits,
  }));
}

const pen = document.createElement('canvas').getContext('2d');

/** A name that fits into a width in pixels. The table has all of it. */
function shortened(name, width, font) {
  pen.font = font;
  if (pen.measureText(name).width <= width) return name;
  let most = name.length - 1;
  while (most > 1 && pen.measureText(`${name.slice(0, most)}…`).width > width) most--;
  return `${name.slice(0, most)}…`;
}
