/**
 * A process of its own that writes to a project, for the tests that kill it: `annotate FOLDER` labels over and over and reports
 * what was acknowledged, `import FOLDER FILE` imports, `hold FOLDER` keeps the project open.
 */
import { openProject } from '../../src/main/database/index.ts';

const [mode, folder, file] = process.argv.slice(2);
const project = await openProject(folder);
const tell = (message: unknown) => process.send?.(message);

if (mode === 'hold') tell('open');
if (mode === 'import') {
  tell('open');
  await project.importFile({ file });
  tell('imported');
}
if (mode === 'annotate') {
  const { examples, labels } = await project.summary();
  for (let turn = 0; ; turn++) {
    const id = 1 + (turn % examples);
    // Never the one that the file gave.
    const label = labels[(turn + 1) % labels.length].name;
    await project.annotate({ id, annotation: { label, spans: null }, skipped: false });
    tell({ id, label });
  }
}
