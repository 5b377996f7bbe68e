/**
 * The only caller of Observable Plot. Plot puts a `<style>` into each drawing, which the content security policy
 * refuses: it is taken out before the drawing is shown (its rules live in chart.css) and put back into a saved SVG.
 */
import './chart.css';

import * as Plot from '@observablehq/plot';

export { Plot };

/** Okabe and Ito's colours, which colour-blind people tell apart. */
export const COLOURS = { blue: '#0072b2', vermillion: '#d55e00', green: '#009e73', yellow: '#f0e442', black: '#000000' } as const;

export type Cell = string | number | null;

export interface ChartSpec {
  readonly title: string;
  readonly note: string;
  readonly options: Plot.PlotOptions;
  /** The data table twin: what was drawn, in numbers. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Decimals of the numbers in the twin; 1 unless said otherwise. */
  readonly digits?: number;
}

const NARROWEST = 480;
const WIDEST = 1100;
const SVG_STYLE = 'svg{background:#fff;color:#1c2430;font:12px Inter,Arial,sans-serif}text{white-space:pre}';

/** Draw a chart into a figure, with caption, data table, and buttons for SVG and CSV; redraw it when the width changes. */
export function chart(figure: HTMLElement, specOf: (width: number) => ChartSpec): void {
  const area = document.createElement('div');
  area.className = 'chart-area';
  const spec = specOf(widthOf(figure));
  figure.replaceChildren(caption(spec, () => area.querySelector('svg')), area, twin(spec));
  let drawn = 0;
  const redraw = (): void => {
    const width = widthOf(figure);
    if (width === drawn) return;
    drawn = width;
    area.replaceChildren(drawing(specOf(width)));
  };
  redraw();
  new ResizeObserver(redraw).observe(figure);
}

/** Return Plot's SVG without its style element. */
export function drawing(spec: ChartSpec): SVGSVGElement {
  const plotted = Plot.plot({ ...spec.options, figure: false, className: 'plot-figure', style: undefined, ariaLabel: spec.title });
  const svg = plotted instanceof SVGSVGElement ? plotted : plotted.querySelector('svg');
  if (!svg) throw new Error(`the chart “${spec.title}” has no drawing`);
  for (const style of svg.querySelectorAll('style')) style.remove();
  // The whole is one image with a name; labels on its parts would be names without a role.
  for (const part of svg.querySelectorAll('g[aria-label], g[aria-description]')) {
    part.removeAttribute('aria-label');
    part.removeAttribute('aria-description');
  }
  svg.setAttribute('role', 'img');
  return svg;
}

/** Return a drawing as a file that looks the same outside of the page. */
export function svgText(svg: SVGSVGElement, title: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const heading = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  heading.textContent = title;
  copy.prepend(heading);
  // Written as text: a style element made in the page would be refused by its policy.
  return new XMLSerializer().serializeToString(copy).replace(/>/, `><style>${SVG_STYLE}</style>`);
}

/** Return rows as CSV. */
export function csvText(spec: ChartSpec): string {
  return [spec.columns, ...spec.rows].map((row) => row.map(csvCell).join(',')).join('\n') + '\n';
}

/** Return rows as a spreadsheet takes them from the clipboard. */
export function tabbedText(spec: ChartSpec): string {
  return [spec.columns, ...spec.rows].map((row) => row.map((cell) => cell ?? '').join('\t')).join('\n');
}

function csvCell(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function widthOf(figure: HTMLElement): number {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, figure.clientWidth)));
}

function caption(spec: ChartSpec, svg: () => SVGSVGElement | null): HTMLElement {
  const element = document.createElement('figcaption');
  const title = document.createElement('span');
  title.className = 'chart-title';
  title.textContent = spec.title;
  const note = document.createElement('span');
  note.className = 'dim small';
  note.textContent = spec.note;
  const buttons = document.createElement('span');
  buttons.className = 'actions';
  const name = spec.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  buttons.append(
    button('SVG', () => {
      const drawn = svg();
      if (drawn) save(`${name}.svg`, 'image/svg+xml', svgText(drawn, spec.title));
    }),
    button('CSV', () => save(`${name}.csv`, 'text/csv', csvText(spec))),
    button('Copy', (pressed) => {
      const said = (words: string): string => (pressed.textContent = words);
      void navigator.clipboard.writeText(tabbedText(spec)).then(() => said('Copied'), () => said('Copying failed'));
    }),
  );
  element.append(title, note, buttons);
  return element;
}

function twin(spec: ChartSpec): HTMLElement {
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.className = 'small';
  summary.textContent = 'What is drawn, in numbers';
  const table = document.createElement('table');
  table.className = 'table compact';
  const numeric = spec.columns.map((_, place) => spec.rows.every((row) => typeof row[place] !== 'string'));
  table.append(section('thead', 'th', [spec.columns], numeric, 0), section('tbody', 'td', spec.rows, numeric, spec.digits ?? 1));
  const frame = document.createElement('div');
  frame.className = 'table-frame chart-twin';
  frame.tabIndex = 0;
  frame.append(table);
  details.append(summary, frame);
  return details;
}

function section(name: 'thead' | 'tbody', cell: 'th' | 'td', rows: readonly (readonly Cell[])[], numeric: readonly boolean[], digits: number): HTMLElement {
  const part = document.createElement(name);
  for (const row of rows) {
    const line = document.createElement('tr');
    line.append(
      ...row.map((value, place) => {
        const element = document.createElement(cell);
        element.textContent = shown(value, digits);
        if (numeric[place]) element.className = 'number';
        return element;
      }),
    );
    part.append(line);
  }
  return part;
}

function shown(value: Cell, digits: number): string {
  if (value === null) return '–';
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(digits) : String(value);
}

function button(words: string, act: (pressed: HTMLButtonElement) => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'button small';
  element.textContent = words;
  element.addEventListener('click', () => act(element));
  return element;
}

function save(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
