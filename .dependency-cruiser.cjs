/** The arrows of ARCHITECTURE.md, checked by machine. They point down only. */
const from = (path, allowed) => ({
  name: `${path.replaceAll('/', '-')}-arrows`,
  comment: `${path} may import only ${allowed.join(', ') || 'its own files'}`,
  severity: 'error',
  from: { path: `^src/${path}/` },
  to: { path: '^src/', pathNot: `^src/(${[path, ...allowed].join('|')})(/|\\.ts$)` },
});

const onlyImporter = (module, rooms) => ({
  name: `only-importer-of-${module.replace(/\W/g, '')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/(${rooms.join('|')})/` },
  to: { path: `node_modules/${module}/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^electron' } },
    from('contract', []),
    {
      name: 'contract-imports-zod-only',
      severity: 'error',
      from: { path: '^src/contract/' },
      to: { dependencyTypesNot: ['local'], pathNot: 'node_modules/zod/' },
    },
    from('engine/media', ['contract', 'engine/types']),
    from('engine/signals', ['contract', 'engine/types', 'engine/media']),
    from('engine/inference', ['contract', 'engine/types', 'engine/media']),
    from('engine/faces', ['contract', 'engine/types', 'engine/media']),
    from('engine/fusion', ['contract', 'engine/types', 'engine/signals']),
    from('engine/detectors', [
      'contract',
      'engine/types',
      'engine/media',
      'engine/signals',
      'engine/inference',
      'engine/faces',
      'engine/fusion',
    ]),
    from('engine', ['contract']),
    from('casework', ['contract']),
    from('reporting', ['contract']),
    from('renderer', ['contract']),
    from('preload', ['contract']),
    // Above the engine only its client and the words of its protocol are seen: evidence is parsed in the child.
    from('workbench', ['contract', 'casework', 'reporting', 'engine/client', 'engine/protocol', 'engine/fork']),
    from('main', ['contract', 'workbench']),
    from('server', ['contract', 'workbench']),
    from('cli', ['contract', 'workbench', 'server']),
    onlyImporter('electron', ['main', 'preload']),
    onlyImporter('onnxruntime-node', ['engine/inference']),
    onlyImporter('better-sqlite3', ['casework']),
    onlyImporter('pdfkit', ['reporting']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
