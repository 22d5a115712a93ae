/** Answers of several annotators to one text: what there is to take, and what they have in common. */
import { answerKey, labelsNamed, spanKey, type Annotation, type Answer, type Span } from '../../../shared/domain.ts';

/** Something to take: an answer, and everybody who gave it. */
export interface Choice {
  annotation: Annotation;
  annotators: string[];
}

/** In the order in which they were first given. */
export function choicesOf(answers: Answer[]): Choice[] {
  const choices = new Map<string, Choice>();
  for (const { annotator, annotation } of answers) {
    const known = choices.get(answerKey(annotation));
    if (known) known.annotators.push(annotator);
    else choices.set(answerKey(annotation), { annotation, annotators: [annotator] });
  }
  return [...choices.values()];
}

/** The labels, or spans, that all answers have in common. */
export function commonOf(answers: Answer[]): Annotation {
  const [first, ...others] = answers.map(({ annotation }) => annotation);
  const { labels, spans } = first;
  if (!spans)
    return {
      label: null,
      labels: (labels ?? []).filter((name) => others.every((other) => labelsNamed(other).includes(name))),
      spans: null,
    };
  const marked = others.map((other) => new Set((other.spans ?? []).map(spanKey)));
  return { label: null, spans: spans.filter((span) => marked.every((keys) => keys.has(spanKey(span)))) };
}

/** All spans of all answers, each once, by place. */
export function spansOf(answers: Answer[]): Span[] {
  const spans = new Map(answers.flatMap(({ annotation }) => annotation.spans ?? []).map((span) => [spanKey(span), span]));
  return [...spans.values()].sort((a, b) => a.start - b.start || b.end - a.end);
}
