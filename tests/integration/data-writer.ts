/**
 * A process of its own that writes to a project, for the tests that kill it: `import FOLDER FILE` imports, `hold FOLDER` keeps the
 * project open.
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
