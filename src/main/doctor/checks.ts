/** Checks that look at one row alone. Each gives what it found in a few words, or null. */
import { wordsOf } from '../../engine/text/words.ts';
import { notEnglish } from '../import/index.ts';
import type { FindingKind } from '../../shared/doctor.ts';
import type { Span } from '../../shared/domain.ts';
import { misreadIn, repairText } from './mojibake.ts';
import type { DoctorRow } from './row.ts';

type Check = (row: DoctorRow) => string | null;

const hasContent = /[\p{L}\p{N}\p{Emoji_Presentation}\p{S}]/u;
const beyondLatin = /[\u0370-\u1fff]/;
const latinBesideLookalike = /\p{Script=Latin}[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}]\p{Script=Latin}/u;
const word = /[\p{L}\p{M}]+/gu;

/** The first word that mixes Latin letters with Cyrillic or Greek ones, which look the same and are not. */
function mixedScript({ text }: DoctorRow): string | null {
  if (!beyondLatin.test(text)) return null;
  for (const [found] of text.matchAll(word)) if (latinBesideLookalike.test(found)) return `“${found}” mixes letters of two scripts`;
  return null;
}

function misread({ text }: DoctorRow): string | null {
  if (misreadIn(text).length === 0) return null;
  const repaired = repairText(text).text;
  return `meant: ${repaired.length > 120 ? `${repaired.slice(0, 120)}…` : repaired}`;
}

/** The spans without white space at their edges and widened to the words that they touch, as training reads them. */
export function spansOnWords({ text, pretokenized, annotation }: Pick<DoctorRow, 'text' | 'pretokenized' | 'annotation'>): Span[] {
  const spans = annotation.spans ?? [];
  const words = spans.length === 0 ? [] : wordsOf(text, pretokenized ? 'spaces' : 'segments');
  return spans.map(({ start, end, label }) => {
    const marked = text.slice(start, end);
    const from = start + marked.length - marked.trimStart().length;
    const to = Math.max(from + 1, end - (marked.length - marked.trimEnd().length));
    const touched = words.filter(([first, last]) => first < to && last > from);
    return touched.length === 0 ? { start, end, label } : { start: touched[0][0], end: touched[touched.length - 1][1], label };
  });
}

function spanEdges(row: DoctorRow): string | null {
  const spans = row.annotation.spans ?? [];
  const read = spansOnWords(row);
  const at = spans.findIndex(({ start, end }, index) => start !== read[index].start || end !== read[index].end);
  if (at < 0) return null;
  const quoted = ({ start, end }: Span) => `“${row.text.slice(start, end)}”`;
  return `${quoted(spans[at])} (${spans[at].label}) is read as ${quoted(read[at])}`;
}

function spanOverlap({ text, annotation }: DoctorRow): string | null {
  const spans = (annotation.spans ?? []).toSorted((a, b) => a.start - b.start);
  const at = spans.findIndex((span, index) => index > 0 && span.start < spans[index - 1].end);
  if (at < 0) return null;
  const said = ({ start, end, label }: Span) => `“${text.slice(start, end)}” (${label})`;
  return `${said(spans[at - 1])} and ${said(spans[at])}`;
}

/** By finding; in the order in which they are made. */
export const rowChecks = {
  empty_text: ({ text }) => (hasContent.test(text) ? null : 'no letter and no digit'),
  lost_characters: ({ text }) => (text.includes('\ufffd') ? 'characters were lost before the file was written' : null),
  mojibake: misread,
  not_english: ({ text }) => notEnglish(text),
  mixed_script: mixedScript,
  span_edges: spanEdges,
  span_overlap: spanOverlap,
} satisfies Partial<Record<FindingKind, Check>>;

export type RowCheck = keyof typeof rowChecks;
