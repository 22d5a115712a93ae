import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { ThawError } from '../../shared/errors.ts';
import { screensFolder } from '../../main/entries.ts';
import { makeIfMissing } from '../../main/make-if-missing.ts';
import { pathTo } from '../../shared/routes.ts';
import { parseNumber, UsageError } from '../options.ts';
import { print } from '../output.ts';

interface Options {
  project?: string;
  port: number;
}

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve the app to a browser on this machine; prints its address')
    .option('--project <dir>', 'a project to begin with; made if it is not there')
    .option('--port <n>', '0: any that is free', parseNumber, 0)
    .action(serve);
}

async function serve({ project: folder, port }: Options): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('--port: a whole number from 0 to 65535.');
  const root = screensFolder();
  if (!fs.existsSync(path.join(root, 'index.html')))
    throw new ThawError({
      code: 'unavailable',
      message: 'The screens are not built.',
      remedy: 'Run `npm run build`, or use `npm start`.',
      place: { file: root },
    });
  // The web host brings oRPC and every service; no other command needs them.
  const { openServices } = await import('../../main/open-services.ts');
  const { startWebHost } = await import('../../main/web.ts');
  if (folder !== undefined) await makeIfMissing(folder);
  const services = openServices();
  try {
    const opened = folder === undefined ? null : await services.open(folder);
    const host = await startWebHost({ services, port, root });
    print(opened ? host.url + pathTo(opened.project.folder) : host.url);
    await interrupted();
    await host.close();
  } finally {
    await services.close();
  }
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
