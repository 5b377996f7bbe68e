/**
 * Pointers: wheel scrolls, left drag moves the crosshair (or measures, or drags the swipe divider), right drag changes
 * the window, middle drag or Z with left drag moves the picture, Ctrl with wheel zooms. Keys belong to the screen.
 */
import type { PaneView, Point } from './layout';
import type { ViewerEvents } from './port';

type GestureKind = ViewerEvents['gesture']['kind'];

/** What gestures act on. */
export interface GestureTarget {
  paneAt(point: Point): PaneView | null;
  crosshairTo(pane: PaneView, point: Point): void;
  scrollPane(pane: PaneView, slices: number): void;
  windowBy(dx: number, dy: number): void;
  settleWindow(): void;
  panPane(pane: PaneView, dx: number, dy: number): void;
  zoomAt(pane: PaneView, point: Point, factor: number): void;
  measure(pane: PaneView, from: Point, to: Point): void;
  swipeTo(pane: PaneView, point: Point): void;
  isOnDivider(pane: PaneView, point: Point): boolean;
  readonly isMeasuring: boolean;
  ended(kind: GestureKind): void;
}

interface Drag {
  readonly kind: GestureKind;
  readonly pane: PaneView;
  readonly start: Point;
  last: Point;
}

/** Pixels of a fine wheel or touchpad that make one slice. */
const WHEEL_PX = 40;
/** A run of wheel steps counts as one gesture when it pauses this long. */
const WHEEL_PAUSE_MS = 300;
const LINE_MODE = 1;

export class PointerLayer {
  private readonly stop = new AbortController();
  private drag: Drag | null = null;
  private zHeld = false;
  private wheelRest = 0;
  private wheelTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly target: GestureTarget,
  ) {
    const { signal } = this.stop;
    element.style.touchAction = 'none';
    element.addEventListener('pointerdown', (event) => this.down(event), { signal });
    element.addEventListener('pointermove', (event) => this.move(event), { signal });
    element.addEventListener('pointerup', (event) => this.up(event), { signal });
    element.addEventListener('pointercancel', (event) => this.up(event), { signal });
    element.addEventListener('wheel', (event) => this.wheel(event), { signal, passive: false });
    element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    window.addEventListener('keydown', (event) => this.holdZ(event, true), { signal });
    window.addEventListener('keyup', (event) => this.holdZ(event, false), { signal });
    window.addEventListener('blur', () => (this.zHeld = false), { signal });
  }

  destroy(): void {
    clearTimeout(this.wheelTimer);
    this.stop.abort();
  }

  private holdZ(event: KeyboardEvent, held: boolean): void {
    if (event.code === 'KeyZ') this.zHeld = held && !event.ctrlKey && !event.metaKey;
  }

  private point(event: MouseEvent): Point {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private down(event: PointerEvent): void {
    const start = this.point(event);
    const pane = this.target.paneAt(start);
    if (!pane || this.drag) return;
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    this.drag = { kind: this.kindOf(event, pane, start), pane, start, last: start };
    this.apply(start);
  }

  private kindOf(event: PointerEvent, pane: PaneView, at: Point): GestureKind {
    if (event.button === 2) return 'window';
    if (event.button === 1 || this.zHeld) return 'pan';
    if (this.target.isOnDivider(pane, at)) return 'swipe';
    return this.target.isMeasuring ? 'ruler' : 'crosshair';
  }

  private move(event: PointerEvent): void {
    if (this.drag) this.apply(this.point(event));
    else this.showCursor(this.point(event));
  }

  private showCursor(point: Point): void {
    const pane = this.target.paneAt(point);
    const onDivider = pane !== null && this.target.isOnDivider(pane, point);
    this.element.style.cursor = onDivider ? 'ew-resize' : this.zHeld ? 'grab' : 'crosshair';
  }

  private apply(point: Point): void {
    const { drag, target } = this;
    if (!drag) return;
    const [dx, dy] = [point.x - drag.last.x, point.y - drag.last.y];
    if (drag.kind === 'crosshair') target.crosshairTo(drag.pane, point);
    else if (drag.kind === 'ruler') target.measure(drag.pane, drag.start, point);
    else if (drag.kind === 'swipe') target.swipeTo(drag.pane, point);
    else if (drag.kind === 'window') target.windowBy(dx, dy);
    else if (drag.kind === 'pan') target.panPane(drag.pane, dx, dy);
    drag.last = point;
  }

  private up(event: PointerEvent): void {
    const { drag } = this;
    if (!drag) return;
    this.drag = null;
    if (this.element.hasPointerCapture(event.pointerId)) this.element.releasePointerCapture(event.pointerId);
    if (drag.kind === 'window') this.target.settleWindow();
    this.target.ended(drag.kind);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const point = this.point(event);
    const pane = this.target.paneAt(point);
    if (!pane) return;
    if (event.ctrlKey) {
      this.target.zoomAt(pane, point, Math.exp(-Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 60) * 0.003));
    } else {
      const slices = this.wheelSlices(event);
      if (slices !== 0) this.target.scrollPane(pane, slices);
    }
    clearTimeout(this.wheelTimer);
    this.wheelTimer = setTimeout(() => this.target.ended(event.ctrlKey ? 'zoom' : 'scroll'), WHEEL_PAUSE_MS);
  }

  /** A notch is one slice whatever its size; fine wheels add up. Away from the person is up the patient. */
  private wheelSlices(event: WheelEvent): number {
    if (event.deltaMode === LINE_MODE || Math.abs(event.deltaY) >= WHEEL_PX) {
      this.wheelRest = 0;
      return -Math.sign(event.deltaY);
    }
    this.wheelRest -= event.deltaY;
    const slices = Math.trunc(this.wheelRest / WHEEL_PX);
    this.wheelRest -= slices * WHEEL_PX;
    return slices;
  }
}
