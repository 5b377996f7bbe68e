/** Letters, slice and position, scale bar, crosshair, ruler and swipe divider: what a picture of a patient must carry. */
import { voxelToMm } from '../../kernel/affine';
import { PLANE_AXES, edgeLetters, sliceSpacing } from '../../kernel/planes';
import type { Plane, Vec3 } from '../../kernel/types';
import { toScreen } from '../layout';
import type { PaneView, Point, Rect } from '../layout';
import type { LoadedSequence } from '../loaded';
import { AGREEMENT_COLOURS } from '../state';
import type { DisplayState } from '../state';

const FONT = "'Inter Variable', Inter, system-ui, sans-serif";
const TEXT = '#c9d1d9';
const DIM = '#98a1ab';
const ACCENT = '#58a6d6';
const PAD = 10;
const LINE = 17;
const PLANE_NAMES: Readonly<Record<Plane, string>> = { axial: 'Axial', coronal: 'Coronal', sagittal: 'Sagittal' };

type Context = CanvasRenderingContext2D;

interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly colour?: string;
  readonly align?: CanvasTextAlign;
}

/** Text with a dark edge, legible on bright tissue too. */
function write(context: Context, text: string, { x, y }: Point, style: TextStyle = {}): void {
  context.font = `${style.weight ?? 450} ${style.size ?? 12}px ${FONT}`;
  context.textAlign = style.align ?? 'left';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = 'rgb(0 0 0 / 75%)';
  context.strokeText(text, x, y);
  context.fillStyle = style.colour ?? TEXT;
  context.fillText(text, x, y);
}

export function drawFurniture(context: Context, loaded: LoadedSequence, state: DisplayState, pane: PaneView): void {
  context.save();
  context.beginPath();
  context.rect(pane.rect.x, pane.rect.y, pane.rect.width, pane.rect.height);
  context.clip();
  if (state.crosshair) drawCrosshair(context, state, pane);
  if (state.swipe !== null) drawDivider(context, pane.rect, state.swipe);
  drawMeasure(context, loaded, state, pane);
  drawLetters(context, loaded, state, pane);
  drawReadout(context, loaded, state, pane);
  drawScaleBar(context, pane);
  context.restore();
}

function drawLetters(context: Context, { grid }: LoadedSequence, state: DisplayState, { plane, rect }: PaneView): void {
  const letters = edgeLetters(grid, plane, state.radiological);
  const style = { size: 14, weight: 650 } as const;
  const [midX, midY] = [rect.x + rect.width / 2, rect.y + rect.height / 2];
  write(context, letters.left, { x: rect.x + PAD, y: midY }, style);
  write(context, letters.right, { x: rect.x + rect.width - PAD, y: midY }, { ...style, align: 'right' });
  write(context, letters.top, { x: midX, y: rect.y + PAD + 3 }, { ...style, align: 'center' });
  write(context, letters.bottom, { x: midX, y: rect.y + rect.height - PAD - 3 }, { ...style, align: 'center' });
}

/** Sequence and plane above; slice, thickness and position below. */
function drawReadout(context: Context, loaded: LoadedSequence, state: DisplayState, pane: PaneView): void {
  const { rect, plane, slice } = pane;
  const { grid, image } = loaded;
  const left = rect.x + PAD;
  const top = rect.y + PAD + 4;
  const bottom = rect.y + rect.height - PAD - 4;
  if (pane.slot !== null) drawChip(context, state, pane.slot, { x: rect.x + rect.width - PAD, y: top + 4 });
  if (pane.main && state.disagreement && !state.hidden) drawLegend(context, state.slots.length, pane.rect);
  if (pane.main) write(context, image.name, { x: left, y: top }, { weight: 650, size: 13 });
  write(context, PLANE_NAMES[plane], { x: left, y: top + (pane.main ? LINE : 0) }, { colour: DIM });
  const slices = grid.dims[PLANE_AXES[plane].n];
  const thickness = sliceSpacing(grid, plane).toFixed(1);
  if (!pane.main) {
    write(context, `${slice + 1} / ${slices}`, { x: left, y: bottom });
    return;
  }
  write(context, `${slice + 1} / ${slices}`, { x: left, y: bottom - 2 * LINE }, { weight: 650, size: 13 });
  write(context, `${thickness} mm slices`, { x: left, y: bottom - LINE }, { colour: DIM });
  write(context, positionText(voxelToMm(grid.affine, state.cross)), { x: left, y: bottom }, { colour: DIM });
}

/** 'R 12.4  A 3.0  S 41.2 mm': which side of the scanner's origin, and how far. */
export function positionText(mm: Vec3): string {
  const side = (value: number, names: string): string => `${names.charAt(value >= 0 ? 1 : 0)} ${Math.abs(value).toFixed(1)}`;
  return `${side(mm[0], 'LR')}  ${side(mm[1], 'PA')}  ${side(mm[2], 'IS')} mm`;
}

function drawChip(context: Context, state: DisplayState, slot: number, { x, y }: Point): void {
  const style = state.slots[slot];
  if (!style) return;
  write(context, style.letter, { x, y }, { size: 18, weight: 700, align: 'right', colour: `rgb(${style.colour.join(' ')})` });
}

/** What the colours of the disagreement map mean, in words: '1 of 3', '2 of 3', '3 of 3'. */
function drawLegend(context: Context, slots: number, rect: Rect): void {
  const some = slots > 3 ? `2\u2013${slots - 1}` : '2';
  const rows = [
    ['one', '1'],
    ['some', some],
    ['all', String(slots)],
  ] as const;
  const shown = rows.filter(([kind]) => kind === 'all' || slots > (kind === 'one' ? 1 : 2));
  shown.forEach(([kind, count], at) => {
    const y = rect.y + PAD + 4 + at * LINE;
    const right = rect.x + rect.width - PAD;
    context.fillStyle = `rgb(${AGREEMENT_COLOURS[kind].join(' ')})`;
    context.fillRect(right - 10, y - 5, 10, 10);
    write(context, `${count} of ${slots}`, { x: right - 16, y }, { align: 'right' });
  });
}

const BAR_LENGTHS_MM = [1, 2, 5, 10, 20, 50, 100, 200];

/** The longest round length that stays under a quarter of the pane. */
export function scaleBarLength(pxPerMm: number, paneWidth: number): number {
  return BAR_LENGTHS_MM.filter((mm) => mm * pxPerMm <= paneWidth / 4).at(-1) ?? BAR_LENGTHS_MM[0] ?? 1;
}

function drawScaleBar(context: Context, { rect, pxPerMm }: PaneView): void {
  const mm = scaleBarLength(pxPerMm, rect.width);
  const right = Math.round(rect.x + rect.width - PAD) - 0.5;
  const left = right - mm * pxPerMm;
  const y = Math.round(rect.y + rect.height - PAD) - 2.5;
  context.setLineDash([]);
  for (const [width, colour] of [[3.5, 'rgb(0 0 0 / 75%)'], [1.5, TEXT]] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(left, y - 4);
    context.lineTo(left, y);
    context.lineTo(right, y);
    context.lineTo(right, y - 4);
    context.stroke();
  }
  const label = mm >= 10 ? `${mm / 10} cm` : `${mm} mm`;
  write(context, label, { x: right, y: y - 13 }, { align: 'right', size: 11, colour: DIM });
}

/** Thin lines that leave the crossing itself free, so that they cover no tissue of interest. */
function drawCrosshair(context: Context, state: DisplayState, pane: PaneView): void {
  const { rect } = pane;
  const at = toScreen(pane, state.cross);
  const [x, y] = [Math.round(at.x) + 0.5, Math.round(at.y) + 0.5];
  const free = Math.min(22, rect.width / 8);
  context.strokeStyle = ACCENT;
  context.globalAlpha = 0.5;
  context.lineWidth = 1;
  context.setLineDash([]);
  context.beginPath();
  for (const [from, to] of [[rect.x, x - free], [x + free, rect.x + rect.width]] as const) {
    context.moveTo(from, y);
    context.lineTo(Math.max(from, to), y);
  }
  for (const [from, to] of [[rect.y, y - free], [y + free, rect.y + rect.height]] as const) {
    context.moveTo(x, from);
    context.lineTo(x, Math.max(from, to));
  }
  context.stroke();
  context.globalAlpha = 1;
}

function drawDivider(context: Context, rect: Rect, share: number): void {
  const x = Math.round(rect.x + rect.width * share);
  const y = rect.y + rect.height / 2;
  context.fillStyle = TEXT;
  context.fillRect(x - 0.75, rect.y, 1.5, rect.height);
  context.beginPath();
  context.arc(x, y + 40, 9, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = '#0b0e11';
  for (const way of [-1, 1]) {
    context.beginPath();
    context.moveTo(x + way * 6, y + 40);
    context.lineTo(x + way * 2, y + 36);
    context.lineTo(x + way * 2, y + 44);
    context.fill();
  }
}

/** Length in mm of a measurement, along the true (possibly oblique) axes. */
export function measureLength(loaded: LoadedSequence, from: Vec3, to: Vec3): number {
  const [a, b] = [voxelToMm(loaded.grid.affine, from), voxelToMm(loaded.grid.affine, to)];
  return Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]);
}

function drawMeasure(context: Context, loaded: LoadedSequence, { measure }: DisplayState, pane: PaneView): void {
  if (!measure || measure.plane !== pane.plane || measure.slice !== pane.slice) return;
  const [a, b] = [toScreen(pane, measure.from), toScreen(pane, measure.to)];
  context.setLineDash([]);
  for (const [width, colour] of [[4, 'rgb(0 0 0 / 60%)'], [1.5, ACCENT]] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
    for (const end of [a, b]) {
      context.moveTo(end.x + 3, end.y);
      context.arc(end.x, end.y, 3, 0, 2 * Math.PI);
    }
    context.stroke();
  }
  const length = `${measureLength(loaded, measure.from, measure.to).toFixed(1)} mm`;
  write(context, length, { x: Math.max(a.x, b.x) + 8, y: a.x > b.x ? a.y : b.y }, { weight: 600 });
}
