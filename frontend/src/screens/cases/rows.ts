/** The table of cases by keyboard: arrows (or J and K) move between rows, Enter opens one. */
import { addKeys, isTyping } from '../../ui/page-keys';

export function walkRows(table: HTMLTableElement): void {
  addKeys({ keys: 'J K', says: 'Next case, case before' }, { keys: 'Enter', says: 'Open the case' });
  table.ownerDocument.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const inside = event.target instanceof Node && table.parentElement?.contains(event.target);
    const step = stepOf(event.key, inside === true);
    if (step === 0) return;
    event.preventDefault();
    move(table, step);
  });
}

function stepOf(key: string, inside: boolean): number {
  if (key === 'j' || (inside && key === 'ArrowDown')) return 1;
  if (key === 'k' || (inside && key === 'ArrowUp')) return -1;
  return 0;
}

function move(table: HTMLTableElement, step: number): void {
  const links = [...table.querySelectorAll<HTMLAnchorElement>('tbody tr:not([hidden]) th a')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[Math.min(links.length - 1, Math.max(0, at + step))];
  next?.focus();
  next?.closest('tr')?.scrollIntoView({ block: 'nearest' });
}
