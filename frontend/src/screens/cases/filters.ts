/** Shows only the rows of the table of cases that fit; the choice stays in this browser tab. */
import { csvOf, save, visibleLines } from './csv';

export interface Wanted {
  readonly text: string;
  readonly site: string;
  readonly role: string;
  readonly quality: string;
  readonly missing: boolean;
  readonly warned: boolean;
}

export interface Described {
  readonly text: string;
  readonly site: string;
  readonly role: string;
  readonly quality: string;
  readonly missing: boolean;
  readonly warned: boolean;
}

/** Every word must occur, whatever the case of its letters. */
export function fits(row: Described, wanted: Wanted): boolean {
  const text = row.text.toLowerCase();
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  return (
    words.every((word) => text.includes(word)) &&
    (!wanted.site || row.site === wanted.site) &&
    (!wanted.role || row.role === wanted.role) &&
    (!wanted.quality || row.quality === wanted.quality) &&
    (!wanted.missing || row.missing) &&
    (!wanted.warned || row.warned)
  );
}

export function filterTable(section: HTMLElement): void {
  const form = section.querySelector<HTMLFormElement>('[data-filters]');
  const table = section.querySelector<HTMLTableElement>('table[data-rows]');
  if (!form || !table) return;
  form.hidden = false;
  restore(form);
  const apply = (): void => show(section, table, form);
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.querySelector<HTMLAnchorElement>('[data-csv]')?.addEventListener('click', (event) => {
    event.preventDefault();
    save((event.currentTarget as HTMLElement).dataset['csv'] ?? 'cases.csv', csvOf(visibleLines(table)));
  });
  // The page's key presses what it names, and a press alone gives a field no focus.
  const field = form.querySelector<HTMLInputElement>('[data-key]');
  field?.addEventListener('click', () => field.focus());
  apply();
}

function show(section: HTMLElement, table: HTMLTableElement, form: HTMLFormElement): void {
  const wanted = wantedOf(new FormData(form));
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  for (const row of rows) row.hidden = !fits(described(row), wanted);
  const shown = rows.filter((row) => !row.hidden).length;
  const note = section.querySelector('[data-shown]');
  if (note) note.textContent = shown === rows.length ? `${rows.length} cases` : `${shown} of ${rows.length} cases`;
  const nothing = section.querySelector<HTMLElement>('[data-nothing]');
  if (nothing) nothing.hidden = shown > 0;
  remember(form);
}

function wantedOf(data: FormData): Wanted {
  const text = (name: string): string => String(data.get(name) ?? '');
  return {
    text: text('text'),
    site: text('site'),
    role: text('role'),
    quality: text('quality'),
    missing: data.has('missing'),
    warned: data.has('warned'),
  };
}

const described = (row: HTMLTableRowElement): Described => ({
  text: row.textContent,
  site: row.dataset['site'] ?? '',
  role: row.dataset['role'] ?? '',
  quality: row.dataset['quality'] ?? '',
  missing: 'missing' in row.dataset,
  warned: 'warned' in row.dataset,
});

const key = (): string => `blindread.filters.${location.pathname}`;

function remember(form: HTMLFormElement): void {
  const entries = [...new FormData(form)].filter(([, value]) => value !== '');
  sessionStorage.setItem(key(), JSON.stringify(entries));
}

function restore(form: HTMLFormElement): void {
  const entries = JSON.parse(sessionStorage.getItem(key()) ?? '[]') as [string, string][];
  for (const [name, value] of entries) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = true;
    else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
  }
}
