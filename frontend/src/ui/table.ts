/** Tables that sort by their headings. A cell's `data-value` is what counts; without it, its text. */

export type Direction = 'ascending' | 'descending';

/** Return the order of two cells: numbers by size, text by language, empty cells last whichever way. */
export function compareCells(a: string, b: string, direction: Direction): number {
  if (a === b) return 0;
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) ? 1 : -1;
  const [x, y] = [number(a), number(b)];
  const order = x !== null && y !== null ? x - y : a.localeCompare(b, 'en', { numeric: true });
  return direction === 'ascending' ? order : -order;
}

function isEmpty(text: string): boolean {
  return text === '' || text === '–';
}

function number(text: string): number | null {
  const value = Number(text.replaceAll(',', '').replace('−', '-').replace(/\s*%$/, ''));
  return Number.isFinite(value) ? value : null;
}

/** Give every heading of a `table[data-sort]` a button; `th[data-no-sort]` stays plain. */
export function sortTables(root: ParentNode): void {
  for (const table of root.querySelectorAll<HTMLTableElement>('table[data-sort]')) {
    for (const heading of table.tHead?.rows[0]?.cells ?? []) {
      if ('noSort' in heading.dataset || heading.querySelector('.sort')) continue;
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'sort';
      button.append(...heading.childNodes);
      button.addEventListener('click', () => sortBy(table, heading));
      heading.append(button);
    }
  }
}

function sortBy(table: HTMLTableElement, heading: HTMLTableCellElement): void {
  const direction: Direction = heading.ariaSort === 'ascending' ? 'descending' : 'ascending';
  for (const other of table.tHead?.rows[0]?.cells ?? []) other.removeAttribute('aria-sort');
  heading.ariaSort = direction;
  const body = table.tBodies[0];
  if (!body) return;
  const rows = [...body.rows];
  const value = (row: HTMLTableRowElement): string => cellValue(row.cells[heading.cellIndex]);
  rows.sort((a, b) => compareCells(value(a), value(b), direction));
  body.append(...rows);
}

function cellValue(cell: HTMLTableCellElement | undefined): string {
  return (cell?.dataset['value'] ?? cell?.textContent ?? '').trim();
}
