/** The tools for looking: what each key or button does to the viewer, what it says aloud, and what is counted. */
import type { Display, Slot } from '../../api/contract';
import type { CrosshairPosition, Vec3, ViewerPort } from '../../viewer/port';
import type { ViewerPool } from '../../viewer/pool';

export interface LookState {
  readonly hidden: boolean;
  readonly holding: boolean;
  readonly solo: number | null;
  readonly disagreement: boolean;
  readonly swipe: boolean;
  readonly panes: boolean;
  readonly blink: boolean;
  readonly ruler: boolean;
  readonly sequence: number;
  readonly preset: string;
}

export interface LookEvents {
  changed(): void;
  say(text: string): void;
  count(tool: string): void;
  span(tool: string, on: boolean): void;
}

const FRESH: LookState = {
  hidden: false,
  holding: false,
  solo: null,
  disagreement: false,
  swipe: false,
  panes: false,
  blink: false,
  ruler: false,
  sequence: 0,
  preset: '',
};
const BLINK_MS = 500;
const ZOOM_STEP = 1.25;

export class Compare {
  private look: LookState = FRESH;
  private slots: readonly Slot[] = [];
  private sequences: readonly string[] = [];
  /** Preset by sequence name, carried from case to case. */
  private readonly presets = new Map<string, string>();
  private blinking: ReturnType<typeof setInterval> | undefined;
  private blinkDark = false;

  constructor(
    private readonly pool: ViewerPool,
    private readonly display: Display,
    private readonly events: LookEvents,
    private readonly stillMotion: () => boolean,
  ) {
    pool.keep('interpolation', (viewer) => viewer.setInterpolation(display.interpolation));
    pool.on('gesture', ({ kind }) => events.count(kind));
    pool.on('crosshair', (position) => events.say(positionText(position)));
  }

  get state(): LookState {
    return this.look;
  }

  get viewer(): ViewerPort {
    return this.pool.current;
  }

  /** Start afresh on the presentation the viewer has just been given. */
  begin(slots: readonly Slot[], sequences: readonly string[]): void {
    this.stopBlink();
    this.slots = slots;
    this.sequences = sequences;
    const panes = this.look.panes && slots.length > 1;
    this.look = { ...FRESH, hidden: this.display.overlays_off_at_first, ruler: false, panes };
    this.viewer.setRuler(false);
    this.viewer.setPanes(panes ? 'synced' : 'single');
    this.viewer.setOverlaysHidden(this.look.hidden);
    if (this.display.start === 'middle') this.toMiddle();
    this.applyPreset();
    this.events.changed();
  }

  has(slot: number): boolean {
    return slot < this.slots.length;
  }

  toggle(slot: number): void {
    const visible = !this.viewer.slotState(slot).visible;
    this.viewer.setSlotState(slot, { visible });
    this.did('toggle', `${this.letter(slot)} ${visible ? 'shown' : 'hidden'}`);
  }

  solo(slot: number): void {
    const solo = this.look.solo === slot ? null : slot;
    this.viewer.setSolo(solo);
    this.change({ solo });
    this.events.span('solo', solo !== null);
    this.events.say(solo === null ? 'All candidates' : `Only ${this.letter(slot)}`);
  }

  overlays(): void {
    this.change({ hidden: !this.look.hidden });
    this.applyHidden();
    this.events.span('overlays_off', this.look.hidden);
    this.events.say(this.look.hidden ? 'Overlays off' : 'Overlays on');
  }

  hold(holding: boolean): void {
    if (holding === this.look.holding) return;
    this.change({ holding });
    this.applyHidden();
    this.events.span('hold', holding);
  }

  /** Outline and fill, outline alone, fill alone. */
  outline(slot: number): void {
    const { outline, fill } = this.viewer.slotState(slot);
    const next = outline && fill ? { outline: true, fill: false } : outline ? { outline: false, fill: true } : BOTH;
    this.setInk(slot, next);
  }

  setInk(slot: number, ink: { readonly outline: boolean; readonly fill: boolean }): void {
    this.viewer.setSlotState(slot, ink);
    const shown = ink.outline && ink.fill ? 'outline and fill' : ink.outline ? 'outline' : 'fill';
    this.did('outline', `${this.letter(slot)}: ${shown}`);
  }

  opacity(slot: number, percent: number): void {
    const opacity = Math.min(100, Math.max(0, percent));
    this.viewer.setSlotState(slot, { opacity: opacity / 100 });
    this.did('opacity', `${this.letter(slot)}: ${opacity} per cent`);
  }

  opacityBy(slot: number, percent: number): void {
    this.opacity(slot, Math.round(this.viewer.slotState(slot).opacity * 10) * 10 + percent);
  }

  disagreement(): void {
    const disagreement = !this.look.disagreement;
    this.viewer.setDisagreement(disagreement);
    this.change({ disagreement });
    this.events.span('disagreement', disagreement);
    this.events.say(disagreement ? 'Where candidates differ: on' : 'Where candidates differ: off');
  }

  swipe(): void {
    const swipe = !this.look.swipe;
    this.viewer.setSwipe(swipe ? 0.5 : null);
    this.change({ swipe });
    this.events.span('swipe', swipe);
    this.events.say(swipe ? 'Swipe on: drag the divider' : 'Swipe off');
  }

  panes(): void {
    if (this.slots.length < 2) return;
    const panes = !this.look.panes;
    this.viewer.setPanes(panes ? 'synced' : 'single');
    this.change({ panes });
    this.events.span('panes', panes);
    this.events.say(panes ? 'One pane for each candidate' : 'One pane');
  }

  /** With reduced motion nothing blinks: the key then works as overlays on or off. */
  blink(): void {
    if (this.stillMotion()) return this.overlays();
    if (this.look.blink) this.stopBlink();
    else this.startBlink();
    this.events.span('blink', this.look.blink);
    this.events.say(this.look.blink ? 'Blinking' : 'Blinking stopped');
  }

  scroll(slices: number): void {
    this.viewer.scroll(null, slices);
    this.events.count('scroll');
  }

  largest(): void {
    if (!this.viewer.goToLargestSlice()) return this.events.say('No segmentation drawn');
    this.events.count('largest_slice');
  }

  reset(): void {
    this.viewer.resetWindow();
    this.viewer.resetView();
    this.presets.delete(this.sequenceName);
    this.change({ preset: '' });
    this.events.count('reset');
    this.events.say('Window, zoom and position as at first');
  }

  zoom(direction: 1 | -1): void {
    this.viewer.setZoom(this.viewer.zoom * ZOOM_STEP ** direction);
    this.events.count('zoom');
  }

  ruler(): void {
    const ruler = !this.look.ruler;
    this.viewer.setRuler(ruler);
    this.change({ ruler });
    this.events.span('ruler', ruler);
    this.events.say(ruler ? 'Ruler: drag on the image' : 'Ruler off');
  }

  async sequence(at: number): Promise<void> {
    if (at === this.viewer.sequence || !this.sequences[at]) return;
    await this.viewer.setSequence(at);
    this.change({ sequence: at });
    this.applyPreset();
    this.did('sequence', this.sequenceName);
  }

  /** Names of the windows of the sequence on screen; the protocol's, else the viewer's own three. */
  presetNames(): readonly string[] {
    const own = this.display.windows[this.sequenceName] ?? [];
    return own.length > 0 ? own.map((window) => window.name) : VIEWER_PRESETS;
  }

  preset(name: string): void {
    this.presets.set(this.sequenceName, name);
    this.applyPreset();
    this.did('preset', `Window: ${name}`);
  }

  nextPreset(): void {
    const names = this.presetNames();
    this.preset(names[(names.indexOf(this.look.preset) + 1) % names.length] ?? 'default');
  }

  where(): { readonly sequence: number; readonly mm: Vec3 } {
    return { sequence: this.viewer.sequence, mm: this.viewer.position.mm };
  }

  async goTo(place: { readonly sequence: number; readonly mm: Vec3 }): Promise<void> {
    await this.sequence(place.sequence);
    this.viewer.moveTo(place.mm);
  }

  stop(): void {
    this.stopBlink();
    if (this.look.holding) this.hold(false);
  }

  private get sequenceName(): string {
    return this.sequences[this.viewer.sequence] ?? '';
  }

  private letter(slot: number): string {
    return this.slots[slot]?.letter ?? '';
  }

  private toMiddle(): void {
    const { slices, slice, plane } = this.viewer.position;
    this.viewer.scroll(plane, Math.ceil(slices[plane] / 2) - slice[plane]);
  }

  private applyPreset(): void {
    const name = this.presets.get(this.sequenceName) ?? '';
    const own = this.display.windows[this.sequenceName]?.find((window) => window.name === name);
    if (own) this.viewer.setWindow(own.low, own.high);
    else if (isViewerPreset(name)) this.viewer.setWindowPreset(name);
    this.change({ preset: name });
  }

  private startBlink(): void {
    this.change({ blink: true });
    this.blinking = setInterval(() => {
      this.blinkDark = !this.blinkDark;
      this.applyHidden();
    }, BLINK_MS);
  }

  private stopBlink(): void {
    clearInterval(this.blinking);
    this.blinkDark = false;
    if (!this.look.blink) return;
    this.change({ blink: false });
    this.applyHidden();
  }

  private applyHidden(): void {
    this.viewer.setOverlaysHidden(this.look.hidden || this.look.holding || this.blinkDark);
  }

  private did(tool: string, said: string): void {
    this.events.count(tool);
    this.events.changed();
    this.events.say(said);
  }

  private change(next: Partial<LookState>): void {
    this.look = { ...this.look, ...next };
    this.events.changed();
  }
}

const BOTH = { outline: true, fill: true };
const VIEWER_PRESETS = ['default', 'wide', 'narrow'] as const;
const isViewerPreset = (name: string): name is (typeof VIEWER_PRESETS)[number] =>
  (VIEWER_PRESETS as readonly string[]).includes(name);

export function positionText({ plane, slice, slices }: CrosshairPosition): string {
  const name = plane.charAt(0).toUpperCase() + plane.slice(1);
  return `${name} slice ${slice[plane]} of ${slices[plane]}`;
}
