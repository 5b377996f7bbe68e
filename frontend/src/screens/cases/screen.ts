/** Comfort on the pages of a dataset: filters, keys, CSV of what is shown, copying digests, and folders dropped in. */
import './screen.css';

import { filterTable } from './filters';
import { receiveFolders } from './import';
import { walkRows } from './rows';

for (const section of document.querySelectorAll<HTMLElement>('[data-table]')) filterTable(section);
for (const table of document.querySelectorAll<HTMLTableElement>('table[data-rows]')) walkRows(table);
for (const section of document.querySelectorAll<HTMLElement>('[data-import]')) receiveFolders(section);

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', () => void copy(button));
}

async function copy(button: HTMLButtonElement): Promise<void> {
  await navigator.clipboard.writeText(button.dataset['copy'] ?? '');
  button.toggleAttribute('data-copied', true);
  setTimeout(() => button.removeAttribute('data-copied'), 1500);
}
