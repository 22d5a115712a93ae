import { describe, expect, it } from 'vitest';
import { fileFor } from './static.ts';

describe('fileFor', () => {
  it('names files below the root', () => {
    expect(fileFor('/app', '/')).toBe('/app/index.html');
    expect(fileFor('/app', '/assets/a%20b.js')).toBe('/app/assets/a b.js');
  });

  it.each(['/..%2fsecret', '/%2e%2e/secret', '/../../secret', '/assets/..%2f..%2fsecret', '/..%5csecret', '/%00', '/%', '/%2fapp'])(
    'refuses or keeps inside: %s',
    (path) => {
      const file = fileFor('/app', path);
      expect(file === null || file.startsWith('/app/')).toBe(true);
    },
  );
});
