/** The visible part of a table as CSV; no cell becomes a formula in a spreadsheet. */

export function csvOf(lines: readonly (readonly string[])[]): string {
  return '\ufeff' + lines.map((line) => line.map(quoted).join(',')).join('\r\n') + '\r\n';
}

function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) && !Number.isFinite(Number(cell)) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Headings and visible rows; a cell's `data-value` counts where it has one. Columns without a heading are left out. */
export function visibleLines(table: HTMLTableElement): string[][] {
  const headings = [...(table.tHead?.rows[0]?.cells ?? [])];
  const kept = headings.map((heading, at) => ({ text: words(heading), at })).filter(({ text }) => text !== '');
  const rows = [...(table.tBodies[0]?.rows ?? [])].filter((row) => !row.hidden);
  const cell = (row: HTMLTableRowElement, at: number): string => {
    const found = row.cells[at];
    return found?.dataset['value'] ?? (found ? words(found) : '');
  };
  return [kept.map(({ text }) => text), ...rows.map((row) => kept.map(({ at }) => cell(row, at)))];
}

/** The words of a cell; several of its pieces are set apart. */
function words(cell: HTMLElement): string {
  const pieces = [...cell.querySelectorAll<HTMLElement>('.tag, .badge, .reason, div')].filter((e) => e.children.length === 0 || e.matches('.badge, div'));
  const texts = pieces.length > 0 ? pieces.map((piece) => piece.textContent.trim()) : [cell.textContent];
  const joined = texts.map((text) => text.replace(/\s+/g, ' ').trim()).join(' ').trim();
  return cell.querySelector('.visually-hidden')?.textContent.trim() === joined ? '' : joined === '–' ? '' : joined;
}

export function save(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
