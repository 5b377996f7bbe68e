/** Draws slices on the processor: the image with linear interpolation, masks by nearest voxel, slices kept as bitmaps. */
import { agreement } from '../../kernel/masks';
import { extractSlice, rasWalk, storedWalk } from '../../kernel/planes';
import type { Plane, Rgb, Window } from '../../kernel/types';
import { greyMap } from '../../kernel/windowing';
import type { PaneView } from '../layout';
import type { LoadedMasks, LoadedSequence } from '../loaded';
import { freshCounters } from '../renderer';
import type { Frame, Renderer } from '../renderer';
import { AGREEMENT_COLOURS, DISAGREEMENT_OPACITY, slotInk } from '../state';
import type { DisplayState } from '../state';

/** Keeps the browser from drawing through an emulated graphics card, several times slower. */
const ON_PROCESSOR: CanvasRenderingContext2DSettings = { alpha: false, willReadFrequently: true };

/** Slices kept as bitmaps, for image and for masks each. */
const KEPT = 96;

class SliceCache {
  private readonly kept = new Map<string, HTMLCanvasElement>();

  get(key: string, make: () => HTMLCanvasElement): HTMLCanvasElement {
    const found = this.kept.get(key) ?? make();
    this.kept.delete(key);
    this.kept.set(key, found);
    const oldest = this.kept.keys().next();
    if (this.kept.size > KEPT && !oldest.done) this.kept.delete(oldest.value);
    return found;
  }

  clear(): void {
    this.kept.clear();
  }
}

export class Canvas2dRenderer implements Renderer {
  readonly adapter = 'canvas2d';
  readonly renderer = 'CPU 2-D canvas';
  readonly canvas = document.createElement('canvas');
  readonly counters = freshCounters();
  private readonly images = new SliceCache();
  private readonly fills = new SliceCache();
  private sequences: readonly LoadedSequence[] = [];
  private current = 0;
  private map: { readonly key: string; readonly grey: (stored: number) => number } | null = null;

  open(sequences: readonly LoadedSequence[]): void {
    this.sequences = sequences;
    this.images.clear();
    this.fills.clear();
    this.map = null;
    this.counters.uploads += 1;
  }

  async select(index: number): Promise<void> {
    this.current = index;
  }

  settleWindow(): void {
    // Every slice is converted from the stored values with the window of its frame: there is nothing to settle.
  }

  resize(width: number, height: number): void {
    this.canvas.width = width;
    this.canvas.height = height;
  }

  draw(frame: Frame): void {
    const loaded = this.sequences[this.current];
    const context = this.canvas.getContext('2d', ON_PROCESSOR);
    if (!context || !loaded) return;
    this.counters.draws += 1;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#000';
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    for (const pane of frame.panes) this.drawPane(context, loaded, frame, pane);
  }

  finish(): void {
    this.canvas.getContext('2d', ON_PROCESSOR)?.getImageData(0, 0, 1, 1);
  }

  destroy(): void {
    this.open([]);
    this.canvas.width = 0;
    this.canvas.remove();
  }

  private drawPane(context: CanvasRenderingContext2D, loaded: LoadedSequence, frame: Frame, pane: PaneView): void {
    context.save();
    const { pixelRatio: ratio, state } = frame;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    clip(context, pane, 1);
    place(context, pane);
    context.imageSmoothingEnabled = state.interpolation === 'linear';
    context.drawImage(this.image(loaded, pane, frame.window), 0, 0);
    context.restore();
    if (loaded.masks) this.drawFill(context, loaded, loaded.masks, frame, pane);
  }

  private drawFill(
    context: CanvasRenderingContext2D,
    loaded: LoadedSequence,
    masks: LoadedMasks,
    { state, pixelRatio: ratio }: Frame,
    pane: PaneView,
  ): void {
    const inks = fillTable(masks, state, pane.slot);
    if (!inks) return;
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    clip(context, pane, state.swipe ?? 1);
    place(context, pane);
    context.imageSmoothingEnabled = false;
    const key = `${this.current}|${pane.plane}|${pane.slice}|${inks.key}`;
    const bitmap = this.fills.get(key, () => fillBitmap(loaded, masks, pane.plane, pane.slice, inks.rgba));
    context.drawImage(bitmap, 0, 0);
    context.restore();
  }

  private image(loaded: LoadedSequence, pane: PaneView, window: Window): HTMLCanvasElement {
    const key = `${this.current}|${window.low}|${window.high}`;
    if (this.map?.key !== key) this.map = { key, grey: greyMap(loaded.image.volume, window) };
    const { grey } = this.map;
    return this.images.get(`${key}|${pane.plane}|${pane.slice}`, () =>
      imageBitmap(loaded, pane.plane, pane.slice, grey),
    );
  }
}

function clip(context: CanvasRenderingContext2D, { rect }: PaneView, share: number): void {
  context.beginPath();
  context.rect(rect.x, rect.y, rect.width * share, rect.height);
  context.clip();
}

/** From here on one unit is one voxel of the slice, bitmap rows from the bottom of the slice up. */
function place(context: CanvasRenderingContext2D, pane: PaneView): void {
  context.transform(pane.scaleX, 0, 0, pane.scaleY, pane.originX, pane.originY);
}

function bitmapOf(width: number, pixels: Uint8ClampedArray<ArrayBuffer>): HTMLCanvasElement {
  const bitmap = document.createElement('canvas');
  bitmap.width = width;
  bitmap.height = pixels.length / 4 / width;
  bitmap.getContext('2d', { willReadFrequently: true })?.putImageData(new ImageData(pixels, width), 0, 0);
  return bitmap;
}

function imageBitmap(
  { image: { volume }, grid }: LoadedSequence,
  plane: Plane,
  slice: number,
  grey: (stored: number) => number,
): HTMLCanvasElement {
  const walk = storedWalk(grid, plane, slice);
  const pixels = new Uint8ClampedArray(walk.width * walk.height * 4);
  const words = new Uint32Array(pixels.buffer);
  let at = 0;
  for (let v = 0; v < walk.height; v += 1) {
    let from = walk.start + v * walk.stepV;
    for (let u = 0; u < walk.width; u += 1, from += walk.stepU, at += 1) {
      words[at] = 0xff000000 | (grey(volume.voxels[from] as number) * 0x010101);
    }
  }
  return bitmapOf(walk.width, pixels);
}

interface FillTable {
  /** Same key, same picture. */
  readonly key: string;
  /** Per code, four bytes. */
  readonly rgba: Uint8ClampedArray;
}

/** Colour of every code under the current switches; null when nothing is filled. */
function fillTable(masks: LoadedMasks, state: DisplayState, paneSlot: number | null): FillTable | null {
  if (state.hidden) return null;
  if (state.disagreement) return disagreementTable(masks, state.slots.length);
  const fills = state.slots.map((_, slot) => slotInk(state, slot, paneSlot).fill);
  if (fills.every((fill) => fill === 0)) return null;
  const rgba = new Uint8ClampedArray(256 * 4);
  for (let code = 0; code < 256; code += 1) {
    rgba.set(blend(state.slots.map((slot) => slot.colour), fills, masks.members[code] ?? 0), code * 4);
  }
  return { key: `${fills.join()}|${state.slots.map((slot) => slot.colour.join('.')).join()}`, rgba };
}

function disagreementTable(masks: LoadedMasks, slots: number): FillTable {
  const rgba = new Uint8ClampedArray(256 * 4);
  masks.counts.forEach((count, code) => {
    const kind = agreement(count, slots);
    if (kind !== 'none') rgba.set([...AGREEMENT_COLOURS[kind], DISAGREEMENT_OPACITY * 255], code * 4);
  });
  return { key: 'disagreement', rgba };
}

/** The slots' fills laid over each other in slot order, as one colour with its opacity. */
function blend(colours: readonly Rgb[], fills: readonly number[], members: number): number[] {
  let alpha = 0;
  let mixed = [0, 0, 0];
  colours.forEach((colour, slot) => {
    const fill = fills[slot] ?? 0;
    if (fill === 0 || (members & (1 << slot)) === 0) return;
    const both = fill + alpha * (1 - fill);
    mixed = mixed.map((value, c) => ((colour[c] ?? 0) * fill + value * alpha * (1 - fill)) / both);
    alpha = both;
  });
  return [...mixed, alpha * 255];
}

function fillBitmap(
  { grid }: LoadedSequence,
  masks: LoadedMasks,
  plane: Plane,
  slice: number,
  rgba: Uint8ClampedArray,
): HTMLCanvasElement {
  const walk = rasWalk(grid.dims, plane, slice);
  const codes = extractSlice(masks.codes, walk, new Uint8Array(walk.width * walk.height));
  const words = new Uint32Array(rgba.buffer);
  const pixels = new Uint8ClampedArray(codes.length * 4);
  const out = new Uint32Array(pixels.buffer);
  codes.forEach((code, at) => {
    out[at] = words[code] ?? 0;
  });
  return bitmapOf(walk.width, pixels);
}
