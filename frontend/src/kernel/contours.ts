/**
 * Outlines of a mask along the edges of its pixels.
 *
 * Corners are counted in pixels: pixel (u, v) has corners (u, v) to (u + 1, v + 1). Every edge between two different
 * labels is drawn once, and edges are joined into long lines so that a dash pattern runs on around the shape.
 */

/** Corner coordinates u0, v0, u1, v1, …; closed when the last corner equals the first. */
export type Contour = readonly number[];

/** Lengths of stroke and gap in units of the line's width; empty for an unbroken line. */
export const DASHES = {
  solid: [],
  'long-dash': [6, 3],
  'short-dash': [2, 2.2],
} as const satisfies Record<string, readonly number[]>;

/** Trace all outlines of a label image (u fastest, `width` × labels.length / width). Outside the image counts as 0. */
export function traceContours(labels: Uint8Array, width: number): Contour[] {
  return joinEdges(collectEdges(labels, width), width + 1);
}

/** Corner → corners it is joined with (each edge entered in both directions). */
type EdgeMap = Map<number, number[]>;

function collectEdges(labels: Uint8Array, width: number): EdgeMap {
  const edges: EdgeMap = new Map();
  const height = labels.length / width;
  const corners = width + 1;
  for (let v = 0; v <= height; v += 1) {
    for (let u = 0; u <= width; u += 1) {
      const here = u < width && v < height ? (labels[v * width + u] ?? 0) : 0;
      const left = u > 0 && v < height ? (labels[v * width + u - 1] ?? 0) : 0;
      const below = v > 0 && u < width ? (labels[(v - 1) * width + u] ?? 0) : 0;
      const corner = v * corners + u;
      if (here !== left && v < height) addEdge(edges, corner, corner + corners);
      if (here !== below && u < width) addEdge(edges, corner, corner + 1);
    }
  }
  return edges;
}

function addEdge(edges: EdgeMap, a: number, b: number): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const ends = edges.get(from);
    if (ends) ends.push(to);
    else edges.set(from, [to]);
  }
}

function takeEdge(edges: EdgeMap, from: number, to: number): void {
  for (const [a, b] of [
    [from, to],
    [to, from],
  ] as const) {
    const left = (edges.get(a) ?? []).filter((end) => end !== b);
    if (left.length > 0) edges.set(a, left);
    else edges.delete(a);
  }
}

function joinEdges(edges: EdgeMap, corners: number): Contour[] {
  const contours: Contour[] = [];
  // Lines that end where three labels meet start at such a corner; closed outlines may start anywhere.
  const starts = [...edges].filter(([, ends]) => ends.length % 2 === 1).map(([corner]) => corner);
  for (const start of starts) while (edges.has(start)) contours.push(follow(edges, start, corners));
  for (const start of edges.keys()) while (edges.has(start)) contours.push(follow(edges, start, corners));
  return contours;
}

/** Walk from a corner until no edge is left, turning rather than crossing; straight runs become one line. */
function follow(edges: EdgeMap, start: number, corners: number): Contour {
  const points: number[] = [start % corners, Math.floor(start / corners)];
  let at = start;
  let step = 0;
  for (let ends = edges.get(at); ends?.[0] !== undefined; ends = edges.get(at)) {
    const came = step;
    const next = ends.find((end) => Math.abs(end - at) !== Math.abs(came)) ?? ends[0];
    takeEdge(edges, at, next);
    if (next - at === step) points.length -= 2;
    step = next - at;
    at = next;
    points.push(at % corners, Math.floor(at / corners));
    if (at === start && step !== 0 && !edges.has(at)) break;
  }
  return points;
}
