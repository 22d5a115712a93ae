import { isLabeled, type Annotation, type Span } from '../../../shared/domain.ts';

const key = ({ label, labels, spans }: Annotation): string =>
  JSON.stringify([
    label,
    labels && [...labels].sort(),
    spans && spans.map(({ start, end, label: name }: Span) => `${start} ${end} ${name}`).sort(),
  ]);

/** Whether a prediction that may be seen says something else than the label does; false where one of them says nothing. */
export const differs = (annotation: Annotation, prediction: Annotation & { sealed: boolean }): boolean =>
  isLabeled(annotation) && !prediction.sealed && key(annotation) !== key(prediction);
