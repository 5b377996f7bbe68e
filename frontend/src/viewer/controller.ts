/** The viewer behind the port: keeps what is shown, and answers where the person is in the patient. */
import { largestSlice, unionCentre } from '../kernel/masks';
import { PLANE_AXES, clampVoxel, extractSlice, rasWalk } from '../kernel/planes';
import { PLANES } from '../kernel/types';
import type { Plane, Vec3, Window } from '../kernel/types';
import { widened } from '../kernel/windowing';
import { Emitter } from './events';
import { Gestures } from './gestures';
import { PointerLayer } from './input';
import { mainPlane } from './layout';
import { centreVoxel, loadSequence, nearestVoxel, storedVoxelOf, valueAt, voxelMm } from './loaded';
import type { LoadedSequence } from './loaded';
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
import { Stage } from './stage';
import type { RendererFactory } from './stage';
import { FRESH_SLOT, freshState } from './state';
import type { DisplayState } from './state';

const MAX_ZOOM = 12;

export class Viewer implements ViewerPort {
  private readonly pointers: PointerLayer;
  private readonly gestures: Gestures;
  /** Rises with every opening, so that a slower earlier one notices. */
  private opening = 0;
  private changingSequence: Promise<void> = Promise.resolve();

  private constructor(
    private readonly stage: Stage,
    private readonly state: DisplayState,
    private readonly emitter: Emitter,
    private readonly label: string,
  ) {
    const { canvas } = stage.overlay;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', label);
    this.gestures = new Gestures(this, stage, state, emitter);
    this.pointers = new PointerLayer(canvas, this.gestures);
  }

  static async create(host: HTMLElement, makeRenderer: RendererFactory, options: ViewerOptions): Promise<Viewer> {
    const [state, emitter] = [freshState(options), new Emitter()];
    const stage = await Stage.create(host, makeRenderer, state, emitter);
    return new Viewer(stage, state, emitter, options.label ?? 'Medical image');
  }

  get adapter(): 'niivue' | 'canvas2d' {
    return this.stage.renderer.adapter;
  }

  get renderer(): string {
    return this.stage.renderer.renderer;
  }

  get counters(): ViewerCounters {
    return { ...this.stage.renderer.counters };
  }

  get sequence(): number {
    return this.state.sequence;
  }

  get zoom(): number {
    return this.state.zoom;
  }

  get window(): Window {
    return this.stage.window;
  }

  get acquisitionPlane(): Plane {
    return this.stage.acquired;
  }

  private get loaded(): LoadedSequence {
    return this.stage.loaded;
  }

  // Opening

  async open(presentation: ViewerPresentation): Promise<void> {
    const { stage } = this;
    this.opening += 1;
    const own = this.opening;
    stage.sequences = presentation.sequences.map((image) => loadSequence(image, presentation.slots.length));
    this.reset(presentation);
    await stage.load();
    if (own !== this.opening || stage.isDestroyed) return;
    stage.drawNow();
    stage.renderer.finish();
    this.emitter.emit('first-pixels', { sequence: this.loaded.image.name, at: performance.now() });
    this.moved();
    this.emitter.emit('window', this.window);
  }

  private reset({ slots, sequence, start, overlaysHidden }: ViewerPresentation): void {
    const { state, stage } = this;
    Object.assign(state, {
      sequence: Math.min(sequence ?? 0, stage.sequences.length - 1),
      windows: stage.sequences.map(({ image, presets }) => image.window ?? presets.default),
      slots,
      slotStates: slots.map(() => FRESH_SLOT),
      hidden: overlaysHidden ?? false,
      solo: null,
      disagreement: false,
      swipe: null,
      measure: null,
      zoom: 1,
      pan: [0, 0, 0],
    } satisfies Partial<DisplayState>);
    state.plane = mainPlane({ ...state, plane: stage.acquired }, stage.acquired);
    state.cross = centreVoxel(this.loaded.grid);
    if (start !== 'middle') state.cross = this.largest() ?? state.cross;
  }

  async setSequence(index: number): Promise<void> {
    const own = this.opening;
    this.changingSequence = this.changingSequence
      .catch(() => undefined)
      .then(() => (own === this.opening ? this.changeSequence(index) : undefined));
    return this.changingSequence;
  }

  private async changeSequence(index: number): Promise<void> {
    const own = this.opening;
    const next = this.stage.sequences[index];
    if (!next || index === this.state.sequence) return;
    await this.stage.renderer.select(index, this.state.windows[index] ?? next.presets.default);
    if (own !== this.opening || this.stage.isDestroyed) return;
    const mm = voxelMm(this.loaded, this.state.cross);
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
    const found = this.largest();
    if (!found) return false;
    this.state.cross = found;
    this.moved();
    return true;
  }

  /** Centre of the union on its largest slice of the current plane. */
  private largest(): Vec3 | null {
    const { masks, grid } = this.loaded;
    const { plane, cross } = this.state;
    const slice = masks ? largestSlice(masks.union[plane]) : null;
    if (!masks || slice === null) return null;
    const walk = rasWalk(grid.dims, plane, slice);
    const codes = extractSlice(masks.codes, walk, new Uint8Array(walk.width * walk.height));
    const marked = codes.map((code) => masks.members[code] ?? 0);
    const { u, v, n } = PLANE_AXES[plane];
    const next: [number, number, number] = [...cross];
    next[n] = slice;
    [next[u], next[v]] = unionCentre(marked, walk.width) ?? [next[u], next[v]];
    return next;
  }

  private moved(): void {
    const { position } = this;
    const where = `${position.plane} slice ${position.slice[position.plane]} of ${position.slices[position.plane]}`;
    const text = `${this.label}: ${this.loaded.image.name}, ${where}, ${positionText(position.mm)}`;
    this.stage.overlay.canvas.setAttribute('aria-label', text);
    this.emitter.emit('crosshair', position);
    this.stage.redraw();
  }

  // Display

  setPlaneLayout(layout: PlaneLayout): void {
    if (layout !== 'three' && layout !== 'hero') this.state.plane = layout;
    else if (layout === 'hero' && this.stage.sequences.length > 0) this.state.plane = this.acquisitionPlane;
    this.change({ layout });
  }

  setWindow(low: number, high: number): void {
    this.state.windows[this.state.sequence] = widened(low, high);
    this.stage.renderer.settleWindow(this.window);
    this.emitter.emit('window', this.window);
    this.stage.redraw();
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

  setSlotState(slot: number, next: Partial<SlotState>): void {
    const current = this.slotState(slot);
    const opacity = Math.min(1, Math.max(0, next.opacity ?? current.opacity));
    this.state.slotStates[slot] = { ...current, ...next, opacity };
    this.stage.redraw();
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
    const pane = this.stage.panes().find(({ main }) => main);
    if (pane) this.gestures.panPane(pane, dx, dy);
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
    this.stage.redraw();
  }

  on<K extends keyof ViewerEvents>(type: K, listener: (event: ViewerEvents[K]) => void): () => void {
    return this.emitter.on(type, listener);
  }

  destroy(): void {
    this.opening += 1;
    this.pointers.destroy();
    this.emitter.clear();
    this.stage.destroy();
  }
}
