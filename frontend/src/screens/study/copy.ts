/** Buttons that copy a hash (`data-copy="id"`) or a table as tab-separated text (`data-copy-table="id"`). */

export function copyButtons(root: Document): void {
  root.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-copy], [data-copy-table]') : null;
    if (!button) return;
    const { copy, copyTable } = button.dataset;
    const text = copy ? root.getElementById(copy)?.textContent.trim() : tableText(root.getElementById(copyTable ?? ''));
    if (text) void navigator.clipboard.writeText(text).then(() => say(button, 'Copied'), () => say(button, 'Copying failed'));
  });
}

/** Return a table as a spreadsheet takes it: tabs between cells, a line per row. */
export function tableText(table: HTMLElement | null): string {
  if (!(table instanceof HTMLTableElement)) return '';
  return [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join('\t')).join('\n');
}

function say(button: HTMLElement, words: string): void {
  const before = button.dataset['says'] ?? button.textContent.trim();
  button.dataset['says'] = before;
  const text = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
  if (!text) return;
  text.textContent = words;
  setTimeout(() => (text.textContent = before), 1600);
}
