/** What a template hands to its island: JSON in a `<script type="application/json">`, and the CSRF token. */

/** The data under this id; throws when the template forgot it. */
export function islandData<T>(id: string): T {
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error(`this page has no data called ${id}`);
  return JSON.parse(text) as T;
}

export const csrfToken = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
