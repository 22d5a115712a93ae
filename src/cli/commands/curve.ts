import type { Command } from 'commander';
import { curveRows, curveSentences, interval, measureName } from '../../shared/curve-words.ts';
import { count } from '../../shared/counts.ts';
import { Learner, learningCurveOf } from '../../main/services/learning/index.ts';
import { percent, report, table } from '../output.ts';
import { withProject } from '../session.ts';

interface CurveOptions {
  project: string;
  json?: boolean;
}

export function registerCurve(program: Command): void {
  program
    .command('curve')
    .description('say what more labels would bring: the learning curve of a head on the built-in base model, and what it foresees')
    .requiredOption('--project <dir>', 'the project folder')
    .option('--json', 'print one JSON object')
    .action(curve);
}

async function curve({ project: folder, json }: CurveOptions): Promise<void> {
  await withProject(folder, { readonly: true }, async (project) => {
    const learner = new Learner(project);
    try {
      const found = await learningCurveOf(learner);
      const rows = curveRows(found).map((point) => [count(point.labels), percent(point.value), interval(point), point.what]);
      report(json, found, [...curveSentences(found), '', ...table([['labels', measureName(found), '95 %', ''], ...rows])]);
    } finally {
      await learner.close();
    }
  });
}
