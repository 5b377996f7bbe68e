/** Choosing many cases at once: filter, select (Shift for a range), set. The selects themselves are what is sent. */

export function chooseInBulk(form: HTMLFormElement): void {
  const rows = [...form.querySelectorAll<HTMLTableRowElement>('tbody tr')];
  for (const hidden of form.querySelectorAll<HTMLElement>('.bulk-tools, .pick')) hidden.hidden = false;
  const filter = form.querySelector<HTMLInputElement>('[data-bulk-filter]');
  const all = form.querySelector<HTMLInputElement>('[data-bulk-all]');
  let last: HTMLTableRowElement | null = null;

  const shown = (): HTMLTableRowElement[] => [...(form.querySelector('tbody')?.rows ?? [])].filter((row) => !row.hidden);
  const picked = (): HTMLTableRowElement[] => shown().filter((row) => pick(row)?.checked);
  const tell = (): void => {
    write(form, '[data-bulk-selected]', `${picked().length} selected`);
    const count = (place: string): number => rows.filter((row) => choice(row)?.value === place).length;
    write(form, '[data-bulk-counts]', `${count('study')} in the study, ${count('practice')} for practice, of ${rows.length}`);
  };

  filter?.addEventListener('input', () => {
    const wanted = filter.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    tell();
  });
  all?.addEventListener('change', () => {
    for (const row of shown()) check(row, all.checked);
    tell();
  });
  form.addEventListener('change', tell);
  form.addEventListener('click', (event) => {
    const box = event.target instanceof HTMLInputElement && 'bulkRow' in event.target.dataset ? event.target : null;
    const row = box?.closest('tr') ?? null;
    if (box && row && last && event.shiftKey) for (const one of between(shown(), last, row)) check(one, box.checked);
    if (row) last = row;
    tell();
  });
  for (const button of form.querySelectorAll<HTMLElement>('[data-bulk-set]')) {
    button.addEventListener('click', () => {
      for (const row of picked()) {
        const select = choice(row);
        if (select) select.value = button.dataset['bulkSet'] ?? '';
        check(row, false);
      }
      if (all) all.checked = false;
      tell();
    });
  }
}

function between(rows: HTMLTableRowElement[], a: HTMLTableRowElement, b: HTMLTableRowElement): HTMLTableRowElement[] {
  const [first, last] = [rows.indexOf(a), rows.indexOf(b)].sort((x, y) => x - y);
  return rows.slice(first, (last ?? 0) + 1);
}

function pick(row: HTMLTableRowElement): HTMLInputElement | null {
  return row.querySelector('[data-bulk-row]');
}

function choice(row: HTMLTableRowElement): HTMLSelectElement | null {
  return row.querySelector('select');
}

function check(row: HTMLTableRowElement, checked: boolean): void {
  const box = pick(row);
  if (box) box.checked = checked;
}

function write(form: HTMLFormElement, where: string, words: string): void {
  const element = form.querySelector(where);
  if (element) element.textContent = words;
}
