/** Forest plots and heat maps of the recommended analysis. Every number comes with the page; nothing is computed anew. */
import { type ChartSpec, COLOURS, Plot } from '../../ui/chart';

export interface IntervalRow {
  readonly model: string;
  readonly scope: string;
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface IntervalData {
  readonly title: string;
  readonly axis: string;
  readonly note: string;
  readonly neutral: number;
  readonly logarithmic: boolean;
  readonly margins: readonly number[];
  readonly rows: readonly IntervalRow[];
}

export interface HeatCell {
  readonly source: string;
  readonly reference: string;
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

export interface HeatData {
  readonly title: string;
  readonly unit: string;
  readonly formula: string;
  readonly sources: readonly string[];
  readonly better: 'high' | 'low' | 'zero';
  readonly cells: readonly HeatCell[];
}

const CALM_ROW = 30;
const minus = (text: string): string => text.replace('-', '−');
const shown = (value: number | null): string => (value === null ? '–' : minus(value.toFixed(2)));

/** The numbers of a row as a journal prints them beside its interval. */
export function intervalText({ estimate, low, high }: IntervalRow): string {
  return low === null || high === null ? shown(estimate) : `${shown(estimate)} (${shown(low)} to ${shown(high)})`;
}

/** A row that sums readers up, which a forest plot draws as a diamond. */
export function isSummary({ scope }: { scope: string }): boolean {
  return !/^R\d+$/.test(scope);
}

/** Readers first, then what sums them up, then the summaries that leave one out, drawn hollow. */
const leavesOut = (scope: string): boolean => scope.startsWith('without ');
const rank = (scope: string): number => Number(isSummary({ scope })) + Number(leavesOut(scope));

export function forest(data: IntervalData, width: number): ChartSpec {
  const models = [...new Set(data.rows.map(({ model }) => model))];
  const scopes = [...new Set(data.rows.map(({ scope }) => scope))].sort((a, b) => rank(a) - rank(b));
  const rows = data.rows.map((row) => ({ ...row, said: intervalText(row) }));
  const frame = { fy: 'model', y: 'scope' };
  return {
    title: data.title,
    note: data.note,
    options: {
      width,
      height: models.length * (scopes.length * CALM_ROW + 26) + 70,
      marginLeft: Math.max(110, 7 * Math.max(...scopes.map((scope) => scope.length))),
      marginRight: 250,
      marginBottom: 50,
      x: {
        type: data.logarithmic ? 'log' : 'linear',
        label: data.axis, labelAnchor: 'center', labelArrow: 'none', grid: !data.logarithmic, nice: !data.logarithmic, tickSize: 3,
        // A logarithmic axis would leave out the labels of 0.5, 5 and 50: it is drawn as a mark with its own text.
        ...(data.logarithmic ? { axis: null } : { tickFormat: (value: number) => minus(String(value)) }),
      },
      y: { domain: scopes, label: null, type: 'band', tickSize: 0, padding: 0.2 },
      fy: { domain: models, label: null, axis: null, padding: 0.12 },
      marks: [
        ...(data.logarithmic ? [
          Plot.gridX(logTicks(rows)),
          Plot.axisX(logTicks(rows), { text: String, tickSize: 3, label: data.axis, labelAnchor: 'center', labelArrow: 'none', labelOffset: 38 }),
        ] : []),
        Plot.ruleX([data.neutral], { stroke: 'currentColor', strokeOpacity: 0.6 }),
        Plot.ruleX(data.margins, { stroke: 'currentColor', strokeOpacity: 0.6, strokeDasharray: '2,3' }),
        Plot.text(models, { fy: (model: string) => model, text: (model: string) => model, frameAnchor: 'top-left', dx: 4, dy: -10, fontWeight: 'bold', fontSize: 12 }),
        Plot.ruleY(rows.filter(({ low, high }) => low !== null && high !== null), { ...frame, x1: 'low', x2: 'high', stroke: COLOURS.blue, strokeWidth: 1.6 }),
        Plot.dot(rows.filter((row) => row.estimate !== null), {
          ...frame, x: 'estimate', r: 5, stroke: (row: IntervalRow) => (isSummary(row) ? COLOURS.vermillion : COLOURS.blue),
          fill: (row: IntervalRow) => (leavesOut(row.scope) ? 'white' : isSummary(row) ? COLOURS.vermillion : COLOURS.blue),
          symbol: (row: IntervalRow) => (isSummary(row) ? 'diamond' : 'square'),
        }),
        Plot.text(rows, { ...frame, frameAnchor: 'right', textAnchor: 'start', dx: 14, text: 'said', fontSize: 12 }),
      ],
      symbol: { type: 'identity' } as Plot.ScaleOptions,
    },
    digits: 2,
    columns: ['model', 'readers', 'estimate', 'low', 'high'],
    rows: data.rows.map((row) => [row.model, row.scope, row.estimate, row.low, row.high]),
  };
}

/** Ticks that a reader of odds ratios expects, within what is drawn. */
export function logTicks(rows: readonly IntervalRow[]): number[] {
  const values = rows.flatMap(({ low, high, estimate }) => [low, high, estimate]).filter((value): value is number => value !== null && value > 0);
  const [least, most] = [Math.min(1, ...values), Math.max(1, ...values)];
  const all = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
  return all.filter((tick) => tick >= least / 2.5 && tick <= most * 2.5);
}

export function heat(data: HeatData, width: number): ChartSpec {
  const filled = data.cells.filter((cell) => cell.n > 0);
  const values = filled.map(({ median }) => median ?? 0);
  const side = Math.min(84, Math.max(44, (width - 150) / Math.max(1, data.sources.length)));
  const agreement = agreementOf(data.better, values);
  return {
    title: data.title,
    note: `Median over cases, and n. Darker: closer agreement. Rows: source; columns: reference. ${data.formula}`,
    options: {
      width: Math.min(width, 150 + side * data.sources.length),
      height: 56 + side * 0.7 * data.sources.length,
      marginLeft: 110,
      marginTop: 40,
      marginBottom: 8,
      x: { domain: data.sources, label: null, axis: 'top', tickSize: 0, padding: 0.03 },
      y: { domain: data.sources, label: null, tickSize: 0, padding: 0.03 },
      marks: [
        Plot.cell(filled, { x: 'reference', y: 'source', fill: (cell: HeatCell) => shade(agreement(cell.median ?? 0)) }),
        Plot.text(filled, {
          x: 'reference', y: 'source', text: (cell: HeatCell) => shown(cell.median), dy: -6, fontSize: 13, fontWeight: 'bold',
          fill: (cell: HeatCell) => (agreement(cell.median ?? 0) > 0.72 ? 'white' : '#1c2430'),
        }),
        Plot.text(filled, {
          x: 'reference', y: 'source', text: (cell: HeatCell) => `n ${cell.n}`, dy: 10, fontSize: 11,
          fill: (cell: HeatCell) => (agreement(cell.median ?? 0) > 0.72 ? 'white' : '#1c2430'),
        }),
      ],
    },
    digits: 3,
    columns: ['source', 'reference', 'median', 'lowest', 'highest', 'n'],
    rows: data.cells.map((cell) => [cell.source, cell.reference, cell.median, cell.low, cell.high, cell.n]),
  };
}

/** How close a value is to agreement among those drawn: 0 for the furthest, 1 for the closest. */
export function agreementOf(better: HeatData['better'], values: readonly number[]): (value: number) => number {
  const goodness = (value: number): number => (better === 'high' ? value : -Math.abs(value));
  const all = values.map(goodness);
  const [worst, best] = [Math.min(...all), Math.max(...all)];
  return (value) => (best === worst ? 0.5 : (goodness(value) - worst) / (best - worst));
}

function shade(agreement: number): string {
  return `hsl(204 ${45 + 35 * agreement}% ${92 - 58 * agreement}%)`;
}
