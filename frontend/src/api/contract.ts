/** What the server and the reading screen say to each other, field by field; nothing here tells where a mask is from. */

export type Token = string;
export type Rgb = readonly [number, number, number];

export type QuestionKind = 'likert' | 'origin6' | 'origin2' | 'choice' | 'text' | 'yes_no';
export type QuestionBlock = 'scores' | 'origin' | 'case';

export interface Option {
  readonly value: number | string;
  readonly label: string;
}

export interface Question {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly scope: 'candidate' | 'case';
  readonly block: QuestionBlock;
  readonly wording: string;
  readonly hint?: string;
  readonly required: boolean;
  readonly min?: number | null;
  readonly max?: number | null;
  /** Scale value as text to the words that stand for it. */
  readonly anchors?: Readonly<Record<string, string>> | null;
  /** Lowest acceptable value; null when the protocol hides it. */
  readonly acceptable_at?: number | null;
  readonly options?: readonly Option[] | null;
  readonly max_length?: number | null;
}

export interface Reason {
  readonly code: string;
  readonly label: string;
}

export interface Instrument {
  readonly id: string;
  readonly version: string;
  readonly questions: readonly Question[];
  readonly not_assessable_reasons: readonly Reason[];
}

export interface NamedWindow {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

export interface Display {
  readonly interpolation: 'linear' | 'nearest';
  readonly overlays_off_at_first: boolean;
  readonly solo_allowed: boolean;
  /** Comparing tools that the protocol allows; all without it. */
  readonly tools?: readonly string[] | null;
  readonly start: 'largest_slice' | 'middle';
  readonly windows: Readonly<Record<string, readonly NamedWindow[]>>;
  readonly convention: 'radiological' | 'neurological';
  /** Per cent. */
  readonly fill_opacity: number;
  readonly outline_px: number;
}

export interface Policy {
  readonly navigation: 'forward_only' | 'free';
  readonly order: 'scores_then_origin' | 'together';
  readonly break_minutes: number;
  readonly break_cases: number;
}

export interface Progress {
  readonly done: number;
  readonly planned: number;
  readonly practice_done: number;
  readonly practice_planned: number;
}

/** Where the reader stands in the list. */
export interface Place {
  readonly progress: Progress;
  readonly current: Token | null;
  readonly upcoming: readonly Token[];
  readonly previous: Token | null;
}

export interface Reading extends Place {
  readonly study: { readonly title: string; readonly code: string; readonly instructions: string };
  readonly instrument: Instrument;
  readonly display: Display;
  readonly policy: Policy;
}

export interface VolumeRef {
  readonly sequence: string;
  readonly url: string;
  readonly sha256: string;
  readonly window?: readonly [number, number] | null;
}

export interface CandidatesRef {
  readonly url: string;
  readonly base: number;
  readonly bytes_per_voxel: number;
  readonly shape: readonly [number, number, number];
}

export type LineStyle = 'solid' | 'long-dash' | 'short-dash';

export interface Slot {
  readonly letter: string;
  readonly colour: Rgb;
  readonly line_style: LineStyle;
}

export type AnswerValue = number | string | boolean;

export interface Answer {
  readonly slot: string | null;
  readonly question: string;
  readonly value: AnswerValue;
}

export interface SavedDraft {
  readonly revision: number;
  readonly content: unknown;
  readonly active_ms: number;
}

/** What one slot (or the case) was answered, by question code. */
export type WireValues = Readonly<Record<string, unknown>>;

export type WireAnswers =
  | { readonly candidates: Readonly<Record<string, WireValues>>; readonly case?: WireValues }
  | { readonly not_assessable: { readonly reason: string; readonly comment: string } };

export interface Submitted {
  readonly revision: number;
  readonly answers: WireAnswers;
}

export interface Presentation {
  readonly token: Token;
  readonly practice: boolean;
  readonly number: number;
  readonly of: number;
  readonly volumes: readonly VolumeRef[];
  readonly candidates: CandidatesRef;
  readonly slots: readonly Slot[];
  readonly draft: SavedDraft | null;
  readonly submitted: Submitted | null;
}

export interface OpenedBody {
  readonly display: {
    readonly renderer: string;
    readonly adapter: 'niivue' | 'canvas2d';
    readonly screen: readonly [number, number];
    readonly pixel_ratio: number;
    readonly viewer_version: string;
  };
}

export interface DraftBody {
  readonly revision: number;
  readonly content: unknown;
  readonly active_ms: number;
}

export interface DraftSaved {
  readonly revision: number;
  readonly saved_at: string;
}

export interface ToolUse {
  readonly count: number;
  readonly ms: number;
}

export interface ReadBody {
  readonly answers: WireAnswers;
  readonly active_ms: number;
  readonly wall_ms: number;
  readonly tool_use: Readonly<Record<string, ToolUse>>;
  readonly viewer_version: string;
  readonly correction: boolean;
}

export interface ReadSaved extends Place {
  readonly read: Token;
  readonly submitted_at: string;
}

export type ReportKind = 'wrong_image' | 'identifying_text' | 'incidental_finding' | 'other';

export interface ReportBody {
  readonly kind: ReportKind;
  readonly text: string;
}

export interface ProblemField {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface ProblemBody {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly fields?: readonly ProblemField[];
  readonly current?: { readonly revision: number; readonly content: unknown };
}
