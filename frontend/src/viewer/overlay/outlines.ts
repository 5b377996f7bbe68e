/** Outlines of the slots' masks, each with its own dash; the same lines stand over both adapters. */
import { DASHES, traceContours } from '../../kernel/contours';
import type { Contour } from '../../kernel/contours';
import { extractSlice, rasWalk } from '../../kernel/planes';
import type { Plane } from '../../kernel/types';
import type { PaneView } from '../layout';
import type { LoadedMasks, LoadedSequence } from '../loaded';
import type { SlotStyle } from '../port';
import { slotInk } from '../state';
import type { DisplayState } from '../state';

/** A dark edge under each line keeps it legible on bright tissue. */
const CASING = 'rgb(0 0 0 / 32%)';
const KEPT = 64;

/** Per slot, its outlines in edge coordinates of the slice. */
type SliceContours = readonly (readonly Contour[])[];

export class Outlines {
  private readonly kept = new Map<string, SliceContours>();

  clear(): void {
    this.kept.clear();
  }

  draw(
    context: CanvasRenderingContext2D,
    loaded: LoadedSequence,
    state: DisplayState,
    pane: PaneView,
    pixelRatio: number,
  ): void {
    if (!loaded.masks || state.hidden || state.disagreement) return;
    const contours = this.contours(loaded, loaded.masks, state.sequence, pane.plane, pane.slice);
    context.save();
    context.beginPath();
    context.rect(pane.rect.x, pane.rect.y, pane.rect.width * (state.swipe ?? 1), pane.rect.height);
    context.clip();
    context.lineJoin = 'round';
    contours.forEach((lines, slot) => {
      const { outline } = slotInk(state, slot, pane.slot);
      const style = state.slots[slot];
      if (style && outline > 0) stroke(context, placedPath(lines, pane, pixelRatio), style, state.outlinePx, outline);
    });
    context.restore();
  }

  private contours(
    loaded: LoadedSequence,
    masks: LoadedMasks,
    sequence: number,
    plane: Plane,
    slice: number,
  ): SliceContours {
    const key = `${sequence}|${plane}|${slice}`;
    const found = this.kept.get(key) ?? sliceContours(loaded, masks, plane, slice);
    this.kept.set(key, found);
    const oldest = this.kept.keys().next();
    if (this.kept.size > KEPT && !oldest.done) this.kept.delete(oldest.value);
    return found;
  }
}

function sliceContours({ grid }: LoadedSequence, masks: LoadedMasks, plane: Plane, slice: number): SliceContours {
  const walk = rasWalk(grid.dims, plane, slice);
  const codes = extractSlice(masks.codes, walk, new Uint8Array(walk.width * walk.height));
  return masks.digits.map((digits) =>
    traceContours(
      codes.map((code) => digits[code] ?? 0),
      walk.width,
    ),
  );
}

/** The outlines on the screen, corners on whole device pixels so that the lines are sharp. */
function placedPath(lines: readonly Contour[], pane: PaneView, pixelRatio: number): Path2D {
  const path = new Path2D();
  const snap = (px: number): number => Math.round(px * pixelRatio) / pixelRatio;
  for (const line of lines) {
    const x = (at: number): number => snap(pane.originX + (line[at] ?? 0) * pane.scaleX);
    const y = (at: number): number => snap(pane.originY + (line[at + 1] ?? 0) * pane.scaleY);
    path.moveTo(x(0), y(0));
    for (let at = 2; at < line.length; at += 2) path.lineTo(x(at), y(at));
    if (line[0] === line.at(-2) && line[1] === line.at(-1)) path.closePath();
  }
  return path;
}

function stroke(context: CanvasRenderingContext2D, path: Path2D, style: SlotStyle, line: number, opacity: number): void {
  context.globalAlpha = opacity;
  context.setLineDash(DASHES[style.lineStyle].map((length) => length * line));
  for (const [width, colour] of [[line + 2, CASING], [line, `rgb(${style.colour.join(' ')})`]] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke(path);
  }
}
