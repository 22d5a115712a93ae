import type { Command } from 'commander';
import { spanKey, type Span } from '../../shared/domain.ts';
import type { LabelSuspect } from '../../shared/learning.ts';
import { Learner, suspectsOf } from '../../main/services/learning/index.ts';
import { parseNumber } from '../options.ts';
import { percent, report, table } from '../output.ts';
import { withProject } from '../session.ts';

interface SuspectOptions {
  project: string;
  limit: number;
  json?: boolean;
}

/** So much of a text is printed. */
const SHOWN = 70;

export function registerSuspects(program: Command): void {
  program
    .command('suspects')
    .description('list labels that look wrong: what a head says of them that was not fitted to them (confident learning)')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--limit <n>', 'how many, the worst first', parseNumber, 20)
    .option('--json', 'print one JSON object')
    .action(suspects);
}

async function suspects({ project: folder, limit, json }: SuspectOptions): Promise<void> {
  await withProject(folder, { readonly: true }, async (project) => {
    const learner = new Learner(project);
    try {
      const page = await suspectsOf(project, learner, { offset: 0, limit });
      const examples = await project.examples(page.rows.map(({ id }) => id));
      const textOf = new Map(examples.map(({ id, text }) => [id, text]));
      const rows = page.rows.map((row) => ({ ...row, text: textOf.get(row.id) ?? '' }));
      const head = ['text', 'label', 'rather', 'probability', ''];
      report(json, { ...page, rows }, [
        `${page.total} of ${page.outOf} labels of training texts look wrong${page.total > rows.length ? `; the ${rows.length} worst` : ''}`,
        ...(rows.length > 0 ? table([head, ...rows.map(cellsOf)]) : []),
      ]);
    } finally {
      await learner.close();
    }
  });
}

const namesOf = (labels: string[]): string => labels.join(', ') || 'none';

/** Of entities the spans themselves that the two sides have and the other has not. */
function saidOf({ given, suggested, spans, text }: LabelSuspect & { text: string }): [string, string] {
  if (!spans) return [namesOf(given), namesOf(suggested)];
  const only = (own: Span[], others: Span[]) => own.filter((span) => !others.some((other) => spanKey(other) === spanKey(span)));
  const shown = (own: Span[]) => namesOf(own.map(({ start, end, label }) => `${text.slice(start, end)} (${label})`));
  return [shown(only(spans.given, spans.suggested)), shown(only(spans.suggested, spans.given))];
}

const cellsOf = (row: LabelSuspect & { text: string }): string[] => [
  `#${row.id}`,
  ...saidOf(row),
  percent(row.probability),
  row.text.replace(/\s+/g, ' ').slice(0, SHOWN),
];
