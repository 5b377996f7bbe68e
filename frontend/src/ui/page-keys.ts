/** The keys of a page, shown by `?`. A page adds its own with `addKeys`, or in HTML by `data-key` and `data-key-says`. */
import { openDialog } from './dialog';

export interface Key {
  keys: string;
  says: string;
}

const known: Key[] = [
  { keys: '?', says: 'Show these keys' },
  { keys: 'Ctrl Enter', says: 'Send the form' },
  { keys: 'Esc', says: 'Close a dialog or menu' },
];

/** Add keys to the page's list; what they do is the caller's. */
export function addKeys(...keys: Key[]): void {
  known.push(...keys);
}

/** Show the list on `?` and on every `[data-keys]` button; press what `data-key` names. */
export function helpWithKeys(root: Document): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-key]')) {
    addKeys({ keys: element.dataset['key'] ?? '', says: element.dataset['keySays'] ?? element.textContent.trim() });
  }
  root.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === '?') return show(event);
    const wanted = [...root.querySelectorAll<HTMLElement>('[data-key]')].find((e) => e.dataset['key'] === event.key);
    if (wanted) {
      event.preventDefault();
      wanted.click();
    }
  });
  for (const button of root.querySelectorAll('[data-keys]')) button.addEventListener('click', show);
}

/** Return whether a key press belongs to a text that is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function show(event: Event): void {
  event.preventDefault();
  if (document.querySelector('dialog[open]')) return;
  const list = document.createElement('dl');
  list.className = 'keys';
  for (const { keys, says } of known) {
    const term = document.createElement('dt');
    term.append(...keys.split(' ').map(keyCap));
    const meaning = document.createElement('dd');
    meaning.textContent = says;
    list.append(term, meaning);
  }
  const close = document.createElement('button');
  close.className = 'button';
  close.textContent = 'Close';
  openDialog('Keys of this page', [list], [close]);
}

function keyCap(text: string): HTMLElement {
  const key = document.createElement('kbd');
  key.textContent = text;
  return key;
}
