/** The fields of an example as files have them: offsets in code points, names that no other column takes. */
import { toCodePoints } from '../../engine/text/offsets.ts';
import type { Span } from '../../shared/domain.ts';
import type { StoredExample } from '../database/index.ts';
import type { DataShape } from './writer.ts';

/** In code points. */
export const spansOf = ({ text, annotation }: StoredExample): Span[] | null =>
  annotation.spans && toCodePoints(text, annotation.spans).map(({ start, end, label }) => ({ start, end, label }));

/** The task's own field: null where nobody has said. */
export function annotationField(example: StoredExample, task: DataShape['task']): [name: string, value: unknown] {
  if (task === 'classification') return ['label', example.annotation.label];
  if (task === 'multilabel') return ['labels', example.annotation.labels ?? null];
  return ['spans', spansOf(example)];
}

/** Gives other columns names that the format does not read as its own. */
export class ExtraNames {
  readonly #own: Set<string>;
  readonly #renamed = new Map<string, string>();

  constructor(own: string[]) {
    this.#own = new Set(own);
  }

  of(name: string): string {
    if (!this.#own.has(name.trim().toLowerCase())) return name;
    const other = `${name} (2)`;
    this.#renamed.set(name, other);
    return other;
  }

  fields(extra: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(extra).map(([name, value]) => [this.of(name), value]));
  }

  notes(): string[] {
    return [...this.#renamed].map(
      ([name, other]) => `The column '${name}' is called '${other}' in the file, where '${name.trim()}' means something else.`,
    );
  }
}
