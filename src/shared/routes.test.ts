import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRoute, pathTo } from './routes.ts';

describe('routes', () => {
  it('reads every address of the app', () => {
    expect(parseRoute('')).toEqual({ name: 'home' });
    expect(parseRoute('#/')).toEqual({ name: 'home' });
    expect(parseRoute('#/import')).toEqual({ name: 'import' });
    expect(parseRoute(pathTo('/a b/c', 'train'))).toEqual({ name: 'train', folder: '/a b/c' });
    expect(parseRoute(pathTo('/a', 'check'))).toEqual({ name: 'check', folder: '/a' });
    expect(parseRoute(pathTo('/a', 'import'))).toEqual({ name: 'project-import', folder: '/a' });
    expect(parseRoute(pathTo('/a', 'label', 12))).toEqual({ name: 'label', folder: '/a', example: 12, queue: null });
    expect(parseRoute(pathTo('/a', 'label'))).toEqual({ name: 'label', folder: '/a', example: null, queue: null });
    expect(parseRoute(pathTo('/a', 'label', 'uncertain'))).toEqual({ name: 'label', folder: '/a', example: null, queue: 'uncertain' });
    expect(parseRoute(pathTo('/a', 'data', 'label:"a b" c/d'))).toEqual({ name: 'data', folder: '/a', query: 'label:"a b" c/d' });
    const found = { name: 'label', folder: '/a', example: null, queue: 'found' };
    expect(parseRoute(pathTo('/a', 'label', 'found', 'is:unlabeled a/b'))).toEqual({ ...found, query: 'is:unlabeled a/b' });
    expect(parseRoute(pathTo('/a', 'label', 'found', ''))).toEqual(found);
    expect(parseRoute(pathTo('/a', 'runs', 'r1'))).toEqual({ name: 'run', folder: '/a', run: 'r1' });
    expect(parseRoute(pathTo('/a', 'labels'))).toEqual({ name: 'labels', folder: '/a', label: null });
    expect(parseRoute(pathTo('/a', 'labels', 3))).toEqual({ name: 'labels', folder: '/a', label: 3 });
    expect(parseRoute(pathTo('/a', 'annotators'))).toEqual({ name: 'annotators', folder: '/a' });
    expect(parseRoute(pathTo('/a', 'settle'))).toEqual({ name: 'settle', folder: '/a' });
    expect(parseRoute('#/settings')).toEqual({ name: 'settings', folder: null });
    expect(parseRoute(pathTo('/a', 'settings'))).toEqual({ name: 'settings', folder: '/a' });
    expect(parseRoute(pathTo('/a', 'models'))).toEqual({ name: 'models', folder: '/a', run: null });
    expect(parseRoute(pathTo('/a', 'compare', 'r1', 'r2'))).toEqual({ name: 'compare', folder: '/a', first: 'r1', second: 'r2' });
  });

  it('gives data for a project without a screen', () => {
    expect(parseRoute('#/p/%2Fa')).toEqual({ name: 'data', folder: '/a', query: '' });
  });

  it('calls anything else unknown, and never throws', () => {
    for (const hash of ['#/nowhere', '#/p', '#/p/%2Fa/label/x', '#/p/%2Fa/compare/one', '#/p/%E0%A4%A/data'])
      expect(parseRoute(hash).name).toBe('unknown');
    fc.assert(fc.property(fc.string(), (hash) => void parseRoute(hash)));
  });

  it('finds any folder again', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (folder) => {
        expect(parseRoute(pathTo(folder, 'data'))).toEqual({ name: 'data', folder, query: '' });
      }),
    );
  });
});
