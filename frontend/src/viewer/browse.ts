/** A viewer for looking at a stored case: which sequence, which sources, large or three planes; by button and by key. */
import { el } from '../ui/elements';
import { addKeys, isTyping } from '../ui/page-keys';
import { createViewer } from './create';
import type { ViewerPort, ViewerPresentation } from './port';
import type { StoredMask } from './stored';

export class CaseBrowser {
  private readonly masks = el('span', { class: 'viewer-masks', role: 'group', 'aria-label': 'Sources' });
  private readonly sequences = el('span', { class: 'viewer-sequences', role: 'group', 'aria-label': 'Sequence' });
  private readonly planes = el('button', { type: 'button', class: 'tool', on: { click: () => this.togglePlanes() } });
  private readonly hide = el('button', { type: 'button', class: 'tool', on: { click: () => this.toggleOverlays() } });
  private readonly where = el('span', { class: 'viewer-where figure dim' });
  private isHidden = false;
  private layout: 'hero' | 'three' = 'hero';
  private visible: boolean[] = [];

  private constructor(
    private readonly viewer: ViewerPort,
    bar: HTMLElement,
  ) {
    const full = el('button', { type: 'button', class: 'tool', title: 'Window as at first (W)', on: { click: () => viewer.resetWindow() } }, 'Window');
    bar.replaceChildren(this.sequences, this.masks, el('span', { class: 'viewer-gap' }), this.where, this.hide, this.planes, full);
    viewer.on('crosshair', () => this.tellWhere());
    this.tellTools();
  }

  static async in(host: HTMLElement, bar: HTMLElement): Promise<CaseBrowser> {
    host.replaceChildren();
    return new CaseBrowser(await createViewer(host, { label: 'Images of the case' }), bar);
  }

  async open(presentation: ViewerPresentation, masks: readonly StoredMask[]): Promise<void> {
    await this.viewer.open(presentation);
    this.viewer.setPlaneLayout(this.layout);
    this.viewer.setOverlaysHidden(this.isHidden);
    this.visible = presentation.slots.map(() => true);
    // Several sources on one image: outlines tell them apart, fills would hide it.
    presentation.slots.forEach((_, slot) => this.viewer.setSlotState(slot, { fill: presentation.slots.length === 1 }));
    this.tellSequences(presentation);
    this.masks.replaceChildren(...presentation.slots.map((_, slot) => this.maskButton(slot, masks[slot])));
    this.tellWhere();
  }

  /** The keys of the viewer; `blocked` while something else takes them. */
  listen(blocked: () => boolean): void {
    addKeys(
      { keys: '↑ ↓', says: 'Next slice, slice before' },
      { keys: 'H', says: 'Hide or show the masks' },
      { keys: 'P', says: 'One plane large, or three' },
      { keys: 'W', says: 'Window as at first' },
    );
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || blocked()) return;
      if (this.press(event.key)) event.preventDefault();
    });
  }

  private press(key: string): boolean {
    const actions: Readonly<Record<string, () => void>> = {
      ArrowUp: () => this.viewer.scroll(null, 1),
      ArrowDown: () => this.viewer.scroll(null, -1),
      h: () => this.toggleOverlays(),
      p: () => this.togglePlanes(),
      w: () => this.viewer.resetWindow(),
    };
    const action = actions[key];
    action?.();
    return action !== undefined;
  }

  private maskButton(slot: number, mask: StoredMask | undefined): HTMLElement {
    const key = String(slot + 1);
    const button = el(
      'button',
      { type: 'button', class: 'tool mask-tool', 'aria-pressed': 'true', title: `${mask?.name ?? ''}: show or hide` },
      swatch(mask?.colour ?? [128, 128, 128]),
      `${key} ${mask?.name ?? ''}${mask?.empty ? ' (no lesion)' : ''}`,
    );
    button.addEventListener('click', () => {
      const on = !this.visible[slot];
      this.visible[slot] = on;
      button.setAttribute('aria-pressed', String(on));
      this.viewer.setSlotState(slot, { visible: on });
    });
    return button;
  }

  private tellSequences({ sequences }: ViewerPresentation): void {
    const buttons = sequences.map(({ name }, at) =>
      el('button', { type: 'button', class: 'tool', 'aria-pressed': String(at === 0), on: { click: () => void choose(at) } }, name),
    );
    const choose = async (at: number): Promise<void> => {
      await this.viewer.setSequence(at);
      buttons.forEach((button, one) => button.setAttribute('aria-pressed', String(one === at)));
    };
    this.sequences.replaceChildren(...buttons);
  }

  private toggleOverlays(): void {
    this.isHidden = !this.isHidden;
    this.viewer.setOverlaysHidden(this.isHidden);
    this.tellTools();
  }

  private togglePlanes(): void {
    this.layout = this.layout === 'hero' ? 'three' : 'hero';
    this.viewer.setPlaneLayout(this.layout);
    this.tellTools();
  }

  private tellTools(): void {
    this.hide.textContent = this.isHidden ? 'Show masks' : 'Hide masks';
    this.hide.title = `${this.hide.textContent} (H)`;
    this.planes.textContent = this.layout === 'hero' ? 'Three planes' : 'One plane large';
    this.planes.title = `${this.planes.textContent} (P)`;
  }

  private tellWhere(): void {
    const { plane, slice, slices } = this.viewer.position;
    this.where.textContent = `${plane} ${slice[plane]} of ${slices[plane]}`;
  }
}

/** A line in the colour of a source, drawn: inline styles are forbidden by the security policy. */
function swatch(colour: readonly number[]): HTMLElement {
  const canvas = el('canvas', { class: 'swatch', width: 12, height: 12, 'aria-hidden': true });
  const drawing = canvas.getContext('2d');
  if (drawing) {
    drawing.fillStyle = `rgb(${colour.join(' ')})`;
    drawing.fillRect(0, 0, 12, 12);
  }
  return canvas;
}
