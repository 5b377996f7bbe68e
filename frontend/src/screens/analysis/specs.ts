/** Which marks each chart has. Arms stand in one order everywhere: experts, then models. */
import { type ChartSpec, COLOURS, Plot } from '../../ui/chart';

export interface Arm {
  readonly arm: string;
  readonly kind: string;
}

export interface Box {
  readonly reader: string;
  readonly arm: string;
  readonly arm_kind: string;
  readonly ratings: number;
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
}

export interface Share {
  readonly reader: string;
  readonly arm: string;
  readonly kind: string;
  readonly count: number;
  readonly of: number;
  readonly percent: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface AnalysisData {
  readonly arms: readonly Arm[];
  readonly pooled: string;
  readonly acceptable_from: number;
  readonly boxes: readonly Box[];
  readonly points: readonly { reader: string; arm: string; case: string; score: number }[];
  readonly distribution: readonly { arm: string; score: number; n: number }[];
  readonly acceptable: readonly Share[];
  readonly calls: readonly Share[];
}

type Spec = (data: AnalysisData, width: number) => ChartSpec;

export const specs: Record<string, Spec> = { scores, distribution, acceptable, calls };

const kindColour = (kind: string): string => (kind === 'model' ? COLOURS.vermillion : COLOURS.blue);
const order = (data: AnalysisData): string[] => data.arms.map(({ arm }) => arm);

function colourOf(data: AnalysisData): (arm: string) => string {
  const kinds = new Map(data.arms.map(({ arm, kind }) => [arm, kind]));
  return (arm) => kindColour(kinds.get(arm) ?? '');
}

/** Spread of points that share a place: even steps about the middle, the same at every drawing. */
export function spread(points: AnalysisData['points']): { reader: string; arm: string; case: string; score: number; dx: number }[] {
  const groups = new Map<string, number>();
  const sizes = new Map<string, number>();
  const key = (p: { reader: string; arm: string; score: number }): string => `${p.reader}|${p.arm}|${p.score}`;
  for (const point of points) sizes.set(key(point), (sizes.get(key(point)) ?? 0) + 1);
  return points.map((point) => {
    const place = groups.get(key(point)) ?? 0;
    groups.set(key(point), place + 1);
    return { ...point, dx: place - ((sizes.get(key(point)) ?? 1) - 1) / 2 };
  });
}

function scores(data: AnalysisData, width: number): ChartSpec {
  const readers = [...new Set(data.boxes.map(({ reader }) => reader))];
  const colour = colourOf(data);
  const arms = order(data);
  const points = spread(data.points);
  const step = Math.max(1.5, Math.min(4, width / (readers.length * arms.length * 14)));
  // One dot mark per offset: Plot shifts a whole mark, not a point.
  const offsets = [...new Set(points.map(({ dx }) => dx))];
  return {
    title: 'Scores by arm and reader',
    note: `Box: median and quartiles; points: single ratings. Above the dashed line, ${data.acceptable_from} or more: acceptable.`,
    options: {
      width,
      height: 340,
      marginLeft: 44,
      marginBottom: 48,
      fx: { domain: readers, label: null, padding: 0.06 },
      x: { domain: arms, label: null, type: 'band', padding: 0.25 },
      y: { domain: [0.5, 10.5], ticks: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], label: 'Score', tickSize: 3 },
      marks: [
        Plot.ruleY([data.acceptable_from - 0.5], { stroke: 'currentColor', strokeOpacity: 0.35, strokeDasharray: '3,3' }),
        ...offsets.map((dx) =>
          Plot.dot(points.filter((p) => p.dx === dx), {
            fx: 'reader', x: 'arm', y: 'score', r: 2, dx: dx * step, fill: (d: Arm) => colour(d.arm), fillOpacity: 0.45,
          }),
        ),
        Plot.barY(data.boxes, {
          fx: 'reader', x: 'arm', y1: 'q1', y2: 'q3', fill: (d: Box) => kindColour(d.arm_kind), fillOpacity: 0.14,
          stroke: (d: Box) => kindColour(d.arm_kind), strokeWidth: 1.2,
        }),
        Plot.tickY(data.boxes, { fx: 'reader', x: 'arm', y: 'median', stroke: (d: Box) => kindColour(d.arm_kind), strokeWidth: 2.5 }),
        Plot.text(data.boxes, { fx: 'reader', x: 'arm', frameAnchor: 'bottom', dy: 30, text: (d: Box) => `n ${d.ratings}`, fontSize: 11, fillOpacity: 0.7 }),
      ],
    },
    columns: ['reader', 'arm', 'ratings', 'median', 'q1', 'q3'],
    rows: data.boxes.map((box) => [box.reader, box.arm, box.ratings, box.median, box.q1, box.q3]),
  };
}

function distribution(data: AnalysisData, width: number): ChartSpec {
  const totals = new Map<string, number>();
  for (const { arm, n } of data.distribution) totals.set(arm, (totals.get(arm) ?? 0) + n);
  const rows = data.distribution.map((row) => ({ ...row, share: (100 * row.n) / (totals.get(row.arm) ?? 1) }));
  const label = (arm: string): string => `${arm}  n ${totals.get(arm) ?? 0}`;
  return {
    title: 'Distribution of scores by arm, all readers',
    note: `Darker is better; scores from ${data.acceptable_from} on, in blue, count as acceptable.`,
    options: {
      width,
      height: 44 * data.arms.length + 84,
      marginLeft: 96,
      marginBottom: 46,
      x: { label: 'Share of ratings, %', labelAnchor: 'center', labelArrow: 'none', domain: [0, 100], tickSize: 3 },
      y: { domain: order(data).map(label), label: null, padding: 0.22, tickSize: 0 },
      marks: [
        Plot.barX(rows, {
          x: 'share', y: (d: { arm: string }) => label(d.arm), order: 'score',
          fill: (d: { score: number }) => stepColour(d.score, data.acceptable_from), insetRight: 0.6,
          title: (d: { arm: string; score: number; n: number }) => `${d.arm}, score ${d.score}: ${d.n}`,
        }),
        // Every part is stacked, so that a number stands in its own part; narrow parts keep theirs to the tooltip.
        Plot.text(rows, Plot.stackX({
          x: 'share', y: (d: { arm: string }) => label(d.arm), order: 'score', fontSize: 11,
          text: (d: { score: number; share: number }) => (d.share >= 4 ? String(d.score) : ''),
          fill: (d: { score: number }) => (d.score >= data.acceptable_from + 1 ? 'white' : '#1c2430'),
        })),
      ],
    },
    columns: ['arm', 'score', 'n'],
    rows: data.distribution.map(({ arm, score, n }) => [arm, score, n]),
  };
}

/** Greys below the threshold, blues from it on; both darken with the score. */
export function stepColour(score: number, acceptableFrom: number): string {
  if (score >= acceptableFrom) {
    const place = (score - acceptableFrom) / Math.max(1, 10 - acceptableFrom);
    return `hsl(204 ${50 + 30 * place}% ${68 - 38 * place}%)`;
  }
  return `hsl(30 12% ${94 - (2.6 * (score - 1) * 6) / Math.max(1, acceptableFrom - 1)}%)`;
}

function acceptable(data: AnalysisData, width: number): ChartSpec {
  return shares(data, data.acceptable, width, {
    title: `Share acceptable (score ${data.acceptable_from} or more) by arm`,
    axis: 'Acceptable, %',
  });
}

function calls(data: AnalysisData, width: number): ChartSpec {
  return shares(data, data.calls, width, { title: 'Share judged to be made by AI, by arm', axis: 'Judged AI, %' });
}

function shares(data: AnalysisData, rows: readonly Share[], width: number, says: { title: string; axis: string }): ChartSpec {
  const groups = [...new Set(rows.map(({ reader }) => reader))];
  return {
    title: says.title,
    note: '95% intervals by Wilson, which take ratings as independent.',
    options: {
      width,
      height: 36 * data.arms.length + 104,
      marginLeft: 64,
      marginBottom: 46,
      marginRight: 14,
      fx: { domain: groups, label: null, padding: 0.1 },
      x: { domain: [0, 100], ticks: [0, 25, 50, 75, 100], label: says.axis, labelAnchor: 'center', labelArrow: 'none', tickSize: 3, grid: true },
      y: { domain: order(data), label: null, type: 'band', tickSize: 0 },
      marks: [
        Plot.ruleY(rows, { fx: 'reader', y: 'arm', x1: 'low', x2: 'high', stroke: (d: Share) => kindColour(d.kind), strokeWidth: 1.6 }),
        Plot.dot(rows, { fx: 'reader', y: 'arm', x: 'percent', r: 4.2, fill: (d: Share) => kindColour(d.kind), title: (d: Share) => `${d.arm}, ${d.reader}: ${d.count}/${d.of}` }),
        Plot.text(rows, { fx: 'reader', y: 'arm', x: 'percent', dy: -11, text: (d: Share) => `${d.count}/${d.of}`, fontSize: 10, fillOpacity: 0.75 }),
      ],
    },
    columns: ['reader', 'arm', 'count', 'of', 'percent', 'low', 'high'],
    rows: rows.map((row) => [row.reader, row.arm, row.count, row.of, row.percent, row.low, row.high]),
  };
}
