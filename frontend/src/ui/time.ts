/** Times: stored in UTC, shown in the browser's zone, with UTC in the tooltip. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Return "2 min ago", "in 3 h" or the date, whichever a person would say. */
export function relative(at: Date, now: Date, locale = 'en-GB', timeZone?: string): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const away = Math.abs(seconds);
  if (away < 45) return 'just now';
  if (away >= DAY) return absolute(at, locale, timeZone);
  const [count, unit] = away < HOUR ? [Math.round(away / MINUTE), 'min'] : [Math.round(away / HOUR), 'h'];
  return seconds < 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
}

/** Return day, month, year, hour and minute. */
export function absolute(at: Date, locale = 'en-GB', timeZone?: string): string {
  const options: Intl.DateTimeFormatOptions = {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    timeZone,
  };
  return new Intl.DateTimeFormat(locale, options).format(at);
}

/** Write every `<time datetime>` below `root` in the browser's zone; `data-relative` asks for "2 min ago". */
export function localTimes(root: ParentNode, now = new Date()): void {
  for (const element of root.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const utc = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const shown = 'relative' in element.dataset ? relative(at, now) : absolute(at);
    element.textContent = shown;
    element.title = 'relative' in element.dataset ? `${absolute(at)} (${utc})` : utc;
  }
}

/** Tell the server this browser's zone, once: the page names the address only while it knows none. */
export async function rememberTimeZone(root: Document): Promise<void> {
  const url = root.querySelector<HTMLMetaElement>('meta[name="time-zone-url"]')?.content;
  if (!url) return;
  const body = new URLSearchParams({
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    from_browser: '1',
  });
  const token = root.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
  try {
    await fetch(url, { method: 'POST', body, headers: { 'X-CSRFToken': token }, credentials: 'same-origin' });
  } catch {
    // Offline: the next page asks again.
  }
}
