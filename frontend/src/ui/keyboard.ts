/** Connects a page's table of keys with the document; keys never change meaning by what has the focus. */
import type { KeyChoices, Shortcut } from './shortcuts';
import { comboOf, keymap, needsNoModifier } from './shortcuts';

export interface KeyActions {
  press(id: string, event: KeyboardEvent): void;
  release(id: string): void;
  /** While true (a dialog, a cover) no key of the page works. */
  asleep(): boolean;
}

const TYPING = 'textarea, select, [contenteditable], input:not([type=radio],[type=checkbox],[type=range],[type=button])';

export class Keyboard {
  private map: ReadonlyMap<string, Shortcut>;
  private readonly held = new Map<string, string>();

  constructor(
    private readonly table: readonly Shortcut[],
    choices: KeyChoices,
    private readonly actions: KeyActions,
  ) {
    this.map = keymap(table, choices);
  }

  use(choices: KeyChoices): void {
    this.map = keymap(this.table, choices);
  }

  listen(target: Document): void {
    target.addEventListener('keydown', (event) => this.down(event), { capture: true });
    target.addEventListener('keyup', (event) => this.up(event), { capture: true });
    target.defaultView?.addEventListener('blur', () => this.releaseAll());
  }

  private down(event: KeyboardEvent): void {
    const combo = comboOf(event);
    const shortcut = combo === null ? undefined : this.map.get(combo);
    if (!combo || !shortcut || event.isComposing || this.actions.asleep() || native(event.target, combo)) return;
    event.preventDefault();
    if (event.repeat && !shortcut.repeats) return;
    this.held.set(event.code, shortcut.id);
    this.actions.press(shortcut.id, event);
  }

  private up(event: KeyboardEvent): void {
    const id = this.held.get(event.code);
    if (id === undefined) return;
    this.held.delete(event.code);
    this.actions.release(id);
  }

  private releaseAll(): void {
    for (const id of this.held.values()) this.actions.release(id);
    this.held.clear();
  }
}

/** Keys the focused element itself must keep: typing, and pressing a button reached by Tab. */
function native(target: EventTarget | null, combo: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.matches(TYPING)) return needsNoModifier(combo) || combo === 'Ctrl+Z';
  const pressing = combo === 'Space' || combo === 'Enter';
  return pressing && target.matches('button, a[href], input, summary') && target.matches(':focus-visible');
}
