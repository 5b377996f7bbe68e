/** Turns gestures of the pointer layer into changes of the viewer: places on the screen become places in the patient. */
import { voxelToMm } from '../kernel/affine';
import { PLANE_AXES } from '../kernel/planes';
import type { Vec3 } from '../kernel/types';
import { widened } from '../kernel/windowing';
import type { Emitter } from './events';
import type { GestureTarget } from './input';
import { contains, fromScreen } from './layout';
import type { PaneView, Point } from './layout';
import type { ViewerEvents, ViewerPort } from './port';
import type { Stage } from './stage';
import type { DisplayState } from './state';

const DIVIDER_REACH_PX = 12;
/** Pixels of drag across the default window's width. */
const WINDOW_DRAG_PX = 400;

export class Gestures implements GestureTarget {
  constructor(
    private readonly viewer: ViewerPort,
    private readonly stage: Stage,
    private readonly state: DisplayState,
    private readonly emitter: Emitter,
  ) {}

  get isMeasuring(): boolean {
    return this.state.ruler;
  }

  paneAt(point: Point): PaneView | null {
    return this.stage.panes().find(({ rect }) => contains(rect, point)) ?? null;
  }

  crosshairTo(pane: PaneView, point: Point): void {
    this.state.plane = pane.plane;
    this.viewer.moveTo(voxelToMm(this.stage.loaded.grid.affine, fromScreen(pane, point)));
  }

  scrollPane(pane: PaneView, slices: number): void {
    this.viewer.scroll(pane.plane, slices);
  }

  /** Rightwards widens, upwards brightens; shown at once, converted at full depth when the drag ends. */
  windowBy(dx: number, dy: number): void {
    const { low, high } = this.stage.window;
    const { default: usual } = this.stage.loaded.presets;
    const unit = (usual.high - usual.low) / WINDOW_DRAG_PX;
    const half = Math.max(high - low + dx * unit, unit) / 2;
    const centre = (low + high) / 2 + dy * unit;
    this.state.windows[this.state.sequence] = widened(centre - half, centre + half);
    this.emitter.emit('window', this.stage.window);
    this.stage.redraw();
  }

  settleWindow(): void {
    const { low, high } = this.stage.window;
    this.viewer.setWindow(low, high);
  }

  panPane(pane: PaneView, dx: number, dy: number): void {
    const { u, v } = PLANE_AXES[pane.plane];
    const { dims, spacing } = this.stage.loaded.grid;
    const pan: [number, number, number] = [...this.state.pan];
    const within = (axis: 0 | 1 | 2, mm: number): number => {
      const most = (dims[axis] * spacing[axis]) / 2;
      return Math.min(most, Math.max(-most, mm));
    };
    pan[u] = within(u, pan[u] + (dx / pane.scaleX) * spacing[u]);
    pan[v] = within(v, pan[v] + (dy / pane.scaleY) * spacing[v]);
    this.state.pan = pan satisfies Vec3;
    this.stage.redraw();
  }

  /** Zoom so that the place under the pointer stays under it. */
  zoomAt(pane: PaneView, point: Point, factor: number): void {
    const before = fromScreen(pane, point);
    this.viewer.setZoom(this.state.zoom * factor);
    const after = this.stage.panes().find(({ plane, slot }) => plane === pane.plane && slot === pane.slot);
    if (!after || this.state.zoom === 1) return;
    const { u, v } = PLANE_AXES[pane.plane];
    const now = fromScreen(after, point);
    this.panPane(after, (now[u] - before[u]) * after.scaleX, (now[v] - before[v]) * after.scaleY);
  }

  measure(pane: PaneView, from: Point, to: Point): void {
    const { plane, slice } = pane;
    this.state.measure = { plane, slice, from: fromScreen(pane, from), to: fromScreen(pane, to) };
    this.stage.redraw();
  }

  isOnDivider({ rect }: PaneView, { x }: Point): boolean {
    const { swipe } = this.state;
    return swipe !== null && Math.abs(rect.x + rect.width * swipe - x) <= DIVIDER_REACH_PX;
  }

  swipeTo({ rect }: PaneView, { x }: Point): void {
    this.viewer.setSwipe((x - rect.x) / rect.width);
    this.emitter.emit('swipe', this.state.swipe ?? 0);
  }

  ended(kind: ViewerEvents['gesture']['kind']): void {
    this.emitter.emit('gesture', { kind });
  }
}
