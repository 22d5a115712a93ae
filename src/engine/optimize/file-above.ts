/** Files beside the optimizer's code, which lies deeper in a checkout (src/engine/optimize) than in a bundle (out/main or its chunks). */
import fs from 'node:fs';
import path from 'node:path';
import { ThawError } from '../../shared/errors.ts';

/** The nearest file of that name, a path with slashes, in this folder or one above it. @throws file_not_found */
export function fileAbove(name: string): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, name);
    if (fs.existsSync(file)) return file;
    if (folder === path.dirname(folder)) break;
  }
  throw new ThawError({
    code: 'file_not_found',
    message: `${name} is missing.`,
    remedy: 'In a checkout run `npm run prepare` and `npm run build`; otherwise install the app again.',
    place: { file: name },
  });
}
