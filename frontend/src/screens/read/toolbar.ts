/** The tools under the image, each a button with its key; a pressed one is on. */
import { el, icon, kbd } from '../../ui/elements';
import type { LookState } from './compare';

export interface ToolEvents {
  press(command: string): void;
  allowed(command: string): boolean;
  preset(name: string): void;
  tooltip(text: string, key: string): string;
  keyText(key: string): string;
}

interface Tool {
  readonly id: string;
  readonly icon: string;
  readonly label: string;
  readonly on?: (look: LookState) => boolean;
}

const TOOLS: readonly Tool[] = [
  { id: 'overlays', icon: 'layers', label: 'Overlays', on: (look) => !look.hidden },
  { id: 'disagreement', icon: 'squares-exclude', label: 'Differences', on: (look) => look.disagreement },
  { id: 'swipe', icon: 'square-split-horizontal', label: 'Swipe', on: (look) => look.swipe },
  { id: 'panes', icon: 'columns-3', label: 'Panes', on: (look) => look.panes },
  { id: 'blink', icon: 'zap', label: 'Blink', on: (look) => look.blink },
  { id: 'largest', icon: 'maximize-2', label: 'Largest slice' },
  { id: 'ruler', icon: 'ruler', label: 'Ruler', on: (look) => look.ruler },
  { id: 'window', icon: 'rotate-ccw', label: 'Reset view' },
];

export class Toolbar {
  readonly element = el('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Image tools' });
  private readonly sequences = el('div', { class: 'sequences', role: 'group', 'aria-label': 'Sequences' });
  private readonly presets: HTMLSelectElement;
  private readonly buttons: readonly { readonly tool: Tool; readonly button: HTMLButtonElement }[];

  constructor(private readonly events: ToolEvents) {
    this.presets = el('select', {
      'aria-label': 'Window preset',
      title: events.tooltip('Window preset', 'preset'),
      on: { change: () => events.preset(this.presets.value) },
    });
    this.buttons = TOOLS.map((tool) => ({ tool, button: this.button(tool) }));
    this.element.append(this.sequences, ...this.buttons.map(({ button }) => button), this.presets);
    this.element.append(el('span', { class: 'spring' }), el('small', {}, 'Research use only, not for diagnosis'));
  }

  private button({ id, icon: name, label }: Tool): HTMLButtonElement {
    const run = (): void => this.events.press(id);
    const attributes = { type: 'button', class: 'tool', title: this.events.tooltip(label, id), 'aria-label': label };
    return el(
      'button',
      { ...attributes, on: { click: run } },
      icon(name),
      el('span', { class: 'tool-label' }, label),
      kbd(this.events.keyText(id)),
    );
  }

  open(sequences: readonly string[], slots: number): void {
    const tabs = sequences.map((name, at) =>
      el(
        'button',
        {
          type: 'button',
          class: 'tool tab',
          title: this.events.tooltip(`Sequence ${name}`, `sequence.${at}`),
          on: { click: () => this.events.press(`sequence.${at}`) },
        },
        name,
      ),
    );
    this.sequences.replaceChildren(...tabs);
    for (const { tool, button } of this.buttons)
      button.hidden = !this.events.allowed(tool.id) || (slots < 2 && ['disagreement', 'panes'].includes(tool.id));
    this.presets.hidden = !this.events.allowed('preset');
  }

  look(look: LookState, presets: readonly string[]): void {
    for (const { tool, button } of this.buttons)
      if (tool.on) button.setAttribute('aria-pressed', String(tool.on(look)));
    [...this.sequences.children].forEach((tab, at) => tab.setAttribute('aria-pressed', String(at === look.sequence)));
    this.offer(presets);
    this.presets.value = look.preset;
  }

  private offer(names: readonly string[]): void {
    const offered = [...this.presets.options].map((option) => option.value).filter(Boolean);
    if (offered.join('\n') === names.join('\n')) return;
    const options = names.map((name) => el('option', { value: name }, name));
    this.presets.replaceChildren(el('option', { value: '' }, 'Window'), ...options);
  }
}
