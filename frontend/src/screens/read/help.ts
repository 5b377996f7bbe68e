/** The help dialog: every key of the page from the one table, where each can be moved or single keys switched off. */
import { ask } from '../../ui/ask';
import { el, kbd } from '../../ui/elements';
import type { KeyChoices, Shortcut } from '../../ui/shortcuts';
import { AS_DELIVERED, comboOf, combosOf, moveKey, needsNoModifier } from '../../ui/shortcuts';
import { GESTURES, KEYS } from './keys';

/** Show the keys; `changed` hears every new choice at once. */
export async function showHelp(
  choices: KeyChoices,
  labels: ReadonlyMap<string, string>,
  changed: (choices: KeyChoices) => void,
): Promise<void> {
  const note = el('p', { class: 'help-note', role: 'status' });
  const table = el('div', { class: 'key-groups' });
  let current = choices;
  const set = (next: KeyChoices): void => {
    current = next;
    changed(next);
    draw();
  };
  const draw = (): void => table.replaceChildren(...groups(current, labels, set, note));
  const single = singleSwitch(() => current, set);
  const reset = el('button', { type: 'button', class: 'quiet', on: { click: () => set(AS_DELIVERED) } }, 'All keys as delivered');
  draw();
  await ask({
    title: 'Keys',
    body: [table, el('div', { class: 'key-options' }, single, reset, note)],
    actions: [{ label: 'Close', value: 'close', primary: true }],
    shape: 'wide',
  });
}

function singleSwitch(current: () => KeyChoices, set: (choices: KeyChoices) => void): HTMLElement {
  const input: HTMLInputElement = el('input', {
    type: 'checkbox',
    checked: current().single,
    on: { change: () => set({ ...current(), single: input.checked }) },
  });
  return el('label', { class: 'radio-row' }, input, 'Keys without Ctrl or Alt work');
}

function groups(
  choices: KeyChoices,
  labels: ReadonlyMap<string, string>,
  set: (choices: KeyChoices) => void,
  note: HTMLElement,
): HTMLElement[] {
  const names = [...new Set(KEYS.map((shortcut) => shortcut.group))];
  const listed = names.map((name) => {
    const rows = listedOnce(KEYS.filter((shortcut) => shortcut.group === name)).map((shortcut) =>
      shortcut.family
        ? el('li', { class: choices.single ? null : 'off' }, el('span', {}, shortcut.family.label), kbd(shortcut.family.keys))
        : row(shortcut, labels.get(shortcut.id) ?? shortcut.label, choices, set, note),
    );
    return el('section', {}, el('h3', {}, name), el('ul', {}, ...rows));
  });
  const gestures = GESTURES.map(([gesture, label]) => el('li', {}, el('span', {}, label), kbd(gesture)));
  return [...listed, el('section', {}, el('h3', {}, 'Mouse'), el('ul', {}, ...gestures))];
}

/** Of a family only the first member. */
const listedOnce = (shortcuts: readonly Shortcut[]): readonly Shortcut[] =>
  shortcuts.filter(
    ({ family }, at) => !family || shortcuts.findIndex((other) => other.family?.label === family.label) === at,
  );

function row(
  shortcut: Shortcut,
  label: string,
  choices: KeyChoices,
  set: (choices: KeyChoices) => void,
  note: HTMLElement,
): HTMLElement {
  const combos = combosOf(shortcut, choices);
  const off = !choices.single && combos.every(needsNoModifier);
  const move = el(
    'button',
    {
      type: 'button',
      class: 'key-cap',
      title: 'Move to another key',
      'aria-label': `${label}: ${combos.join(' or ')}; move to another key`,
      on: { click: () => listen(move, shortcut, label, choices, set, note) },
    },
    ...combos.map(kbd),
  );
  return el('li', { class: off ? 'off' : null }, el('span', {}, label), move);
}

/** Wait for the next key press and give it to this command. */
function listen(
  button: HTMLButtonElement,
  shortcut: Shortcut,
  label: string,
  choices: KeyChoices,
  set: (choices: KeyChoices) => void,
  note: HTMLElement,
): void {
  note.textContent = `Press the new key for “${label}”, or Esc.`;
  button.classList.add('listening');
  const heard = (event: KeyboardEvent): void => {
    const combo = comboOf(event);
    if (combo === null) return;
    event.preventDefault();
    event.stopPropagation();
    stop();
    if (combo === 'Esc') return;
    const moved = moveKey(KEYS, choices, shortcut.id, combo);
    if ('choices' in moved) return set(moved.choices);
    note.textContent = `${combo} already is “${moved.takenBy.label}”; move that one first.`;
  };
  const stop = (): void => {
    button.removeEventListener('keydown', heard, { capture: true });
    button.classList.remove('listening');
    note.textContent = '';
  };
  button.addEventListener('keydown', heard, { capture: true });
  button.addEventListener('blur', stop, { once: true });
}
