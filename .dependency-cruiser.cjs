/** Imports go one way: renderer → shared ← main → trainer → engine. See CONTRIBUTING.md. */
const tests = '\\.test\\.ts$';

/** What a folder of src may import of ours; everything else of ours is an error. */
function only(from, allowed, comment) {
  return {
    name: `${from.replaceAll('/', '-')}-imports`,
    comment,
    severity: 'error',
    from: { path: `^src/${from}/`, pathNot: tests },
    to: { path: '^(src|scripts|tests)/', pathNot: `^src/(${[from, ...allowed].join('|')})(/|\\.ts$)` },
  };
}

module.exports = {
  forbidden: [
    only('shared', [], 'The shared words import nothing of ours.'),
    only(
      'engine',
      ['shared/base', 'shared/errors', 'shared/domain', 'shared/interval', 'shared/metrics', 'shared/spans'],
      'The engine is a library: no database, no Electron, no host.',
    ),
    only('trainer', ['engine', 'shared'], 'The trainer knows the engine and its messages, not its host.'),
    only('renderer', ['shared'], 'A screen reaches the host through the contract only.'),
    only('preload', [], 'The preload hands the port over and nothing else.'),
    only('main', ['shared', 'engine', 'trainer'], 'Services and hosts know nothing of the screens.'),
    only('cli', ['shared', 'engine', 'trainer', 'main'], 'The command line is a host like the others.'),
    {
      name: 'electron-only-in-its-host',
      comment: 'Everything but the window and its preload runs without Electron.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main/index|preload/index)\\.ts$' },
      to: { path: '(node_modules/electron/|^electron$)' },
    },
    {
      name: 'no-tensors-in-hosts',
      comment:
        'Hosts leave tensors to the trainer process, which has the engine; it opens an exported graph itself, as another tool would.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(engine|trainer)/', tests] },
      to: { path: '(onnxruntime|@tensorflow)' },
    },
    {
      name: 'sql-only-in-the-database',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main/database/' },
      to: { path: 'better-sqlite3' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'not-to-test', severity: 'error', from: { pathNot: tests }, to: { path: tests } },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      // Made by `npm run build` of the app and resolved by Vite.
      to: { couldNotResolve: true, pathNot: '(\\?modulePath|\\.css)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'svelte', 'default', 'types'],
      extensions: ['.ts', '.js', '.svelte'],
    },
  },
};
