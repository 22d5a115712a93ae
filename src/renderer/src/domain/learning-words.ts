/** What learns while one labels, in a line. */
import { spanKey, type Span, type Suggestion, type Task } from '../../../shared/domain.ts';
import { labelsToBegin, type LabelSuspect, type LearningState } from '../../../shared/learning.ts';
import { count, countOf } from '../components/words.ts';
import { percent } from './numbers.ts';

/** Labels named in a line. */
const NAMED = 3;

export function learningLine(state: LearningState, task: Task): string {
  const { phase, labels, reason } = state;
  if (phase === 'waiting') return state.missing.length > 0 ? needed(state.missing) : (reason ?? 'Waiting for labels.');
  if (phase === 'embedding') return `Reading the texts, ${share(state.embedded)}`;
  if (phase === 'fitting') return 'Fitting to your labels';
  if (phase === 'failed') return reason ?? 'Nothing is learned while you label.';
  const of = countOf(labels, task === 'ner' ? 'text' : 'label');
  const learned = labels > 0 ? [`Learning from ${of}`, ...overlapping(state.spansLeftOut), ...measured(state.heldOut, task)] : [];
  if (phase === 'paused') return [...learned, reason ?? 'Paused while a run trains.'].join(' · ');
  const { done, total } = state.embedded;
  return [...learned, ...(done < total ? [`reading the texts, ${share(state.embedded)}`] : [])].join(' · ');
}

/** Whose suggestion it is. */
export const suggestedBy = ({ source, name }: Suggestion): string =>
  `Suggested by ${source === 'live' ? 'what learns beside you' : `“${name}”`}`;

export const quoted = (labels: string[]): string => labels.map((label) => `“${label}”`).join(' and ') || 'none';

/** What is said in place of a label that looks wrong; of entities the first span that there is rather, or else rather not. */
export function suspicion({ suggested, spans, probability }: LabelSuspect, text: string): string {
  const sure = (of: number) => percent(of, 0);
  if (!spans) return `Looks wrong: rather ${quoted(suggested)}, ${sure(probability)}`;
  const without = <S extends Span>(own: S[], others: Span[]) =>
    own.filter((span) => !others.some((other) => spanKey(other) === spanKey(span)));
  const [added] = without(spans.suggested, spans.given);
  const [removed] = without(spans.given, spans.suggested);
  const words = ({ start, end }: Span) => `“${text.slice(start, end)}”`;
  if (added) return `Looks wrong: rather ${added.label} ${words(added)}, ${sure(added.score)}`;
  return `Looks wrong: rather no ${removed.label} ${words(removed)}, ${sure(probability)}`;
}

/** What is said aloud: a change of what it does, not of its figures. */
export function learningNews({ phase, reason }: LearningState): string {
  const said = { waiting: '', embedding: '', fitting: '', ready: 'Thaw learns from your labels now.' };
  return phase in said ? said[phase as keyof typeof said] : (reason ?? '');
}

function needed(missing: LearningState['missing']): string {
  const named = missing.slice(0, NAMED).map(({ label, count: has }) => `${labelsToBegin - has} more of ${label}`);
  const others = missing.length - named.length;
  return `Needs ${[...named, ...(others > 0 ? [`and some of ${countOf(others, 'other label')}`] : [])].join(', ')} to begin`;
}

const share = ({ done, total }: LearningState['embedded']): string => percent(total === 0 ? 0 : Math.floor((100 * done) / total) / 100, 0);

/** Each word has one tag. */
const overlapping = (spans: number): string[] => (spans > 0 ? [`without ${countOf(spans, 'span')} inside or across another`] : []);

function measured(heldOut: LearningState['heldOut'], task: Task): string[] {
  if (!heldOut) return [];
  const { accuracy, low, high, examples } = heldOut;
  const interval = `${Math.round(100 * low)}–${Math.round(100 * high)}`;
  const right = count(Math.round(accuracy * examples));
  const what = task === 'ner' ? 'all spans right' : 'right';
  return [`${what} on ${right} of ${countOf(examples, 'text')} drawn at random: ${percent(accuracy, 0)} (${interval})`];
}
