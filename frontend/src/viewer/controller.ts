/** The viewer behind the port: keeps the display state, draws at most once a frame, and turns gestures into moves. */
import { largestSlice, unionCentre } from '../kernel/masks';
import { PLANE_AXES, acquisitionPlane, clampVoxel, extractSlice, rasWalk } from '../kernel/planes';
import { PLANES } from '../kernel/types';
import type { Plane, Vec3, Window } from '../kernel/types';
import { widened } from '../kernel/windowing';
import { Emitter } from './events';
import { PointerLayer } from './input';
import type { GestureTarget } from './input';
import { contains, fromScreen, mainPlane, paneViews } from './layout';
import type { PaneView, Point, Rect } from './layout';
import { centreVoxel, loadSequence, nearestVoxel, storedVoxelOf, valueAt, voxelMm } from './loaded';
import type { LoadedSequence } from './loaded';
import { Overlay } from './overlay/overlay';
import { positionText } from './overlay/furniture';
import type {
  CrosshairPosition,
  PlaneLayout,
  SlotState,
  ViewerCounters,
  ViewerEvents,
  ViewerOptions,
  ViewerPort,
  ViewerPresentation,
  WindowPreset,
} from './port';
import type { Renderer } from './renderer';
import { FRESH_SLOT, freshState } from './state';
import type { DisplayState } from './state';

const MAX_ZOOM = 12;
const DIVIDER_REACH_PX = 12;

/** Makes the drawing side; called again when a graphics context is lost. */
export type RendererFactory = (onLost: () => void) => Promise<Renderer>;

export class Viewer implements ViewerPort, GestureTarget {
  private readonly emitter = new Emitter();
  private readonly overlay: Overlay;
  private readonly state: DisplayState;
  private readonly pointers: PointerLayer;
  private readonly observer: ResizeObserver;
  private sequences: readonly LoadedSequence[] = [];
  private size: Rect = { x: 0, y: 0, width: 0, height: 0 };
  private pending = 0;
  private isDestroyed = false;

  private constructor(
    private readonly host: HTMLElement,
    private readonly makeRenderer: RendererFactory,
    private drawing: Renderer,
    options: ViewerOptions,
  ) {
    this.state = freshState(options.radiological ?? true, options.interpolation ?? 'linear');
    this.overlay = new Overlay(drawing.adapter === 'canvas2d');
    this.overlay.canvas.setAttribute('role', 'img');
    this.overlay.canvas.dataset['label'] = options.label ?? 'Medical image';
    host.style.backgroundColor = '#000';
    for (const canvas of [drawing.canvas, this.overlay.canvas]) host.append(fillHost(canvas));
    this.pointers = new PointerLayer(this.overlay.canvas, this);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(host);
    this.fit();
  }

  static async create(host: HTMLElement, makeRenderer: RendererFactory, options: ViewerOptions): Promise<Viewer> {
    let viewer: Viewer | null = null;
    const drawing = await makeRenderer(() => void viewer?.rebuild());
    viewer = new Viewer(host, makeRenderer, drawing, options);
    return viewer;
  }

  get adapter(): 'niivue' | 'canvas2d' {
    return this.drawing.adapter;
  }

  get renderer(): string {
    return this.drawing.renderer;
  }

  get counters(): ViewerCounters {
    return { ...this.drawing.counters };
  }

  get sequence(): number {
    return this.state.sequence;
  }

  get zoom(): number {
    return this.state.zoom;
  }

  get window(): Window {
    return this.state.windows[this.state.sequence] ?? { low: 0, high: 1 };
  }

  get isMeasuring(): boolean {
    return this.state.ruler;
  }

  get acquisitionPlane(): Plane {
    return acquisitionPlane(this.loaded.grid);
  }

  private get loaded(): LoadedSequence {
    const loaded = this.sequences[this.state.sequence];
    if (!loaded) throw new Error('viewer.empty: open a presentation first.');
    return loaded;
  }

  // Opening

  async open(presentation: ViewerPresentation): Promise<void> {
    const { state } = this;
    this.sequences = presentation.sequences.map((image) => loadSequence(image, presentation.slots.length));
    Object.assign(state, {
      sequence: Math.min(presentation.sequence ?? 0, this.sequences.length - 1),
      windows: this.sequences.map(({ image, presets }) => image.window ?? presets.default),
      slots: presentation.slots,
      slotStates: presentation.slots.map(() => FRESH_SLOT),
      hidden: false,
      solo: null,
      disagreement: false,
      swipe: null,
      measure: null,
      zoom: 1,
      pan: [0, 0, 0],
    } satisfies Partial<DisplayState>);
    state.cross = centreVoxel(this.loaded.grid);
    state.plane = mainPlane({ ...state, plane: this.acquisitionPlane }, this.acquisitionPlane);
    this.goToLargestSlice();
    this.overlay.clear();
    this.drawing.open(this.sequences);
    await this.drawing.select(state.sequence, this.window);
    this.drawNow();
    this.drawing.finish();
    this.emitter.emit('first-pixels', { sequence: this.loaded.image.name, at: performance.now() });
    this.emitter.emit('crosshair', this.position);
  }

  async setSequence(index: number): Promise<void> {
    const next = this.sequences[index];
    if (!next || index === this.state.sequence) return;
    const mm = voxelMm(this.loaded, this.state.cross);
    await this.drawing.select(index, this.state.windows[index] ?? next.presets.default);
    this.state.sequence = index;
    this.state.cross = nearestVoxel(next, mm);
    this.state.measure = null;
    this.moved();
    this.emitter.emit('window', this.window);
  }

  // Moving

  get position(): CrosshairPosition {
    const { loaded } = this;
    const { cross } = this.state;
    const perPlane = (of: (plane: Plane) => number): Record<Plane, number> =>
      Object.fromEntries(PLANES.map((plane) => [plane, of(plane)])) as Record<Plane, number>;
    return {
      mm: voxelMm(loaded, cross),
      voxel: storedVoxelOf(loaded, cross),
      slice: perPlane((plane) => cross[PLANE_AXES[plane].n] + 1),
      slices: perPlane((plane) => loaded.grid.dims[PLANE_AXES[plane].n]),
      value: valueAt(loaded, cross),
      plane: this.state.plane,
    };
  }

  moveTo(mm: Vec3): void {
    this.state.cross = nearestVoxel(this.loaded, mm);
    this.moved();
  }

  scroll(plane: Plane | null, slices: number): void {
    this.state.plane = plane ?? this.state.plane;
    const { n } = PLANE_AXES[this.state.plane];
    const next: [number, number, number] = [...this.state.cross];
    next[n] += slices;
    this.state.cross = clampVoxel(this.loaded.grid.dims, next);
    this.moved();
  }

  goToLargestSlice(): boolean {
    const { masks, grid } = this.loaded;
    const { plane } = this.state;
    const slice = masks ? largestSlice(masks.union[plane]) : null;
    if (!masks || slice === null) return false;
    const walk = rasWalk(grid.dims, plane, slice);
    const codes = extractSlice(masks.codes, walk, new Uint8Array(walk.width * walk.height));
    const centre = unionCentre(
      codes.map((code) => masks.members[code] ?? 0),
      walk.width,
    );
    const { u, v, n } = PLANE_AXES[plane];
    const next: [number, number, number] = [...this.state.cross];
    next[n] = slice;
    [next[u], next[v]] = centre ?? [next[u], next[v]];
    this.state.cross = next;
    this.moved();
    return true;
  }

  private moved(): void {
    this.emitter.emit('crosshair', this.position);
    this.redraw();
  }

  // Display

  setPlaneLayout(layout: PlaneLayout): void {
    if (layout !== 'three' && layout !== 'hero') this.state.plane = layout;
    else if (layout === 'hero') this.state.plane = this.acquisitionPlane;
    this.change({ layout });
  }

  setWindow(low: number, high: number): void {
    this.previewWindow(low, high);
    this.settleWindow();
  }

  private previewWindow(low: number, high: number): void {
    this.state.windows[this.state.sequence] = widened(low, high);
    this.emitter.emit('window', this.window);
    this.redraw();
  }

  setWindowPreset(preset: WindowPreset): void {
    const { low, high } = this.loaded.presets[preset];
    this.setWindow(low, high);
  }

  resetWindow(): void {
    const { image, presets } = this.loaded;
    const { low, high } = image.window ?? presets.default;
    this.setWindow(low, high);
  }

  settleWindow(): void {
    this.drawing.settleWindow(this.window);
    this.redraw();
  }

  setSlotState(slot: number, next: Partial<SlotState>): void {
    const current = this.slotState(slot);
    const opacity = Math.min(1, Math.max(0, next.opacity ?? current.opacity));
    this.state.slotStates[slot] = { ...current, ...next, opacity };
    this.redraw();
  }

  slotState(slot: number): SlotState {
    const found = this.state.slotStates[slot];
    if (!found) throw new RangeError(`viewer.slot: there is no slot ${slot} here.`);
    return found;
  }

  setOverlaysHidden(hidden: boolean): void {
    this.change({ hidden });
  }

  setSolo(solo: number | null): void {
    this.change({ solo });
  }

  setDisagreement(disagreement: boolean): void {
    this.change({ disagreement });
  }

  setSwipe(position: number | null): void {
    this.change({ swipe: position === null ? null : Math.min(1, Math.max(0, position)) });
  }

  setPanes(panes: 'single' | 'synced'): void {
    this.change({ panes });
  }

  setZoom(zoom: number): void {
    this.change({ zoom: Math.min(MAX_ZOOM, Math.max(1, zoom)), ...(zoom <= 1 ? { pan: [0, 0, 0] as const } : {}) });
  }

  panBy(dx: number, dy: number): void {
    const pane = this.panes().find(({ main }) => main);
    if (pane) this.panPane(pane, dx, dy);
  }

  resetView(): void {
    this.change({ zoom: 1, pan: [0, 0, 0] });
  }

  setInterpolation(interpolation: 'linear' | 'nearest'): void {
    this.change({ interpolation });
  }

  setCrosshairVisible(crosshair: boolean): void {
    this.change({ crosshair });
  }

  setRuler(ruler: boolean): void {
    this.change({ ruler, measure: null });
  }

  private change(next: Partial<DisplayState>): void {
    Object.assign(this.state, next);
    this.redraw();
  }

  // Gestures

  paneAt(point: Point): PaneView | null {
    return this.panes().find(({ rect }) => contains(rect, point)) ?? null;
  }

  crosshairTo(pane: PaneView, point: Point): void {
    this.state.plane = pane.plane;
    this.state.cross = clampVoxel(this.loaded.grid.dims, fromScreen(pane, point));
    this.moved();
  }

  scrollPane(pane: PaneView, slices: number): void {
    this.scroll(pane.plane, slices);
  }

  /** Rightwards widens, upwards brightens; a pane's width is about twice the default window. */
  windowBy(dx: number, dy: number): void {
    const { low, high } = this.window;
    const { presets } = this.loaded;
    const unit = (presets.default.high - presets.default.low) / 400;
    const width = Math.max(high - low + dx * unit, unit);
    const centre = (low + high) / 2 + dy * unit;
    this.previewWindow(centre - width / 2, centre + width / 2);
  }

  panPane(pane: PaneView, dx: number, dy: number): void {
    const { u, v } = PLANE_AXES[pane.plane];
    const { grid } = this.loaded;
    const pan: [number, number, number] = [...this.state.pan];
    const limit = (axis: 0 | 1 | 2, mm: number): number => {
      const most = (grid.dims[axis] * grid.spacing[axis]) / 2;
      return Math.min(most, Math.max(-most, mm));
    };
    pan[u] = limit(u, pan[u] + (dx / pane.scaleX) * grid.spacing[u]);
    pan[v] = limit(v, pan[v] + (dy / pane.scaleY) * grid.spacing[v]);
    this.change({ pan });
  }

  /** Zoom so that the place under the pointer stays under it. */
  zoomAt(pane: PaneView, point: Point, factor: number): void {
    const before = fromScreen(pane, point);
    this.setZoom(this.state.zoom * factor);
    const after = this.panes().find(({ plane, slot }) => plane === pane.plane && slot === pane.slot);
    if (!after || this.state.zoom === 1) return;
    const { u, v } = PLANE_AXES[pane.plane];
    const now = fromScreen(after, point);
    this.panPane(after, (now[u] - before[u]) * after.scaleX, (now[v] - before[v]) * after.scaleY);
  }

  measure(pane: PaneView, from: Point, to: Point): void {
    const { plane, slice } = pane;
    this.change({ measure: { plane, slice, from: fromScreen(pane, from), to: fromScreen(pane, to) } });
  }

  isOnDivider({ rect }: PaneView, { x }: Point): boolean {
    const { swipe } = this.state;
    return swipe !== null && Math.abs(rect.x + rect.width * swipe - x) <= DIVIDER_REACH_PX;
  }

  swipeTo({ rect }: PaneView, { x }: Point): void {
    this.setSwipe((x - rect.x) / rect.width);
    this.emitter.emit('swipe', this.state.swipe ?? 0);
  }

  ended(kind: ViewerEvents['gesture']['kind']): void {
    this.emitter.emit('gesture', { kind });
  }

  // Drawing

  private panes(): PaneView[] {
    if (this.sequences.length === 0) return [];
    return paneViews(this.state, this.loaded, this.acquisitionPlane, this.size);
  }

  private fit(): void {
    const [width, height] = [this.host.clientWidth, this.host.clientHeight];
    this.size = { x: 0, y: 0, width, height };
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    this.drawing.resize(wide, high);
    this.overlay.resize(wide, high);
    this.drawNow();
  }

  private redraw(): void {
    this.pending ||= requestAnimationFrame(() => this.drawNow());
  }

  private drawNow(): void {
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    if (this.isDestroyed || this.sequences.length === 0 || this.size.width === 0) return;
    const panes = this.panes();
    const pixelRatio = window.devicePixelRatio || 1;
    const frame = { state: this.state, panes, window: this.window, pixelRatio };
    this.drawing.draw(frame);
    this.overlay.draw(frame, this.loaded);
    this.describe();
  }

  private describe(): void {
    const { slice, slices, plane, mm } = this.position;
    const { canvas } = this.overlay;
    const where = `${plane} slice ${slice[plane]} of ${slices[plane]}, ${positionText(mm)}`;
    canvas.setAttribute('aria-label', `${canvas.dataset['label'] ?? ''}: ${this.loaded.image.name}, ${where}`);
  }

  /** The graphics context went away: build a new one from what is held in memory, and say so. */
  private async rebuild(): Promise<void> {
    if (this.isDestroyed) return;
    this.emitter.emit('context', 'lost');
    const lost = this.drawing;
    this.drawing = await this.makeRenderer(() => void this.rebuild());
    if (this.isDestroyed) return this.drawing.destroy();
    lost.canvas.replaceWith(fillHost(this.drawing.canvas));
    lost.destroy();
    this.fit();
    if (this.sequences.length > 0) {
      this.drawing.open(this.sequences);
      await this.drawing.select(this.state.sequence, this.window);
      this.drawNow();
    }
    this.emitter.emit('context', 'restored');
  }

  on<K extends keyof ViewerEvents>(type: K, listener: (event: ViewerEvents[K]) => void): () => void {
    return this.emitter.on(type, listener);
  }

  destroy(): void {
    this.isDestroyed = true;
    cancelAnimationFrame(this.pending);
    this.observer.disconnect();
    this.pointers.destroy();
    this.emitter.clear();
    this.drawing.destroy();
    this.overlay.canvas.remove();
    this.sequences = [];
  }
}

function fillHost(canvas: HTMLCanvasElement): HTMLCanvasElement {
  Object.assign(canvas.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', display: 'block' });
  return canvas;
}
