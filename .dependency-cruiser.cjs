/** Which way dependencies point: app → component → kit → kernel. Each rule says in its comment what to do instead. */
// Conformance suites, and what several test files stand on.
const tests = '(\\.test\\.ts|/(conformance|testing)/[^/]+\\.ts)$';
const project = '^(apps/[^/]+|libs/components/[^/]+|libs/(?!components/)[^/]+|tools/[^/]+)/';

module.exports = {
  forbidden: [
    {
      name: 'not-to-unresolvable',
      comment:
        'An import that cannot be resolved cannot be checked either: mend the path, or declare the package in the root package.json.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-circular',
      comment: 'Move what both need into a third file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'only-index-is-a-door',
      comment: 'Import the package by its name, and export there what is meant to be used.',
      severity: 'error',
      from: { path: project },
      to: { path: project, pathNot: ['^$1/', '/src/index\\.ts$', '^libs/contracts/'] },
    },
    {
      name: 'kernel-imports-nothing',
      comment: 'The kernel stands on Node alone.',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: tests },
      to: { pathNot: '^libs/kernel/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'kit-imports-kernel-only',
      comment:
        'Kits (pipeline, service, schema) never import each other, nor what stands on them: move the shared part into the kernel.',
      severity: 'error',
      from: { path: '^libs/(pipeline|service|schema)/', pathNot: tests },
      to: { path: '^(apps|libs|tools)/', pathNot: ['^libs/$1/', '^libs/(kernel|contracts)/'] },
    },
    {
      name: 'component-imports-no-component',
      comment: 'A component stands on kits alone: compose components in an app.',
      severity: 'error',
      from: { path: '^libs/components/([^/]+)/', pathNot: tests },
      to: { path: '^libs/components/', pathNot: '^libs/components/$1/' },
    },
    {
      name: 'library-imports-no-app',
      comment: 'Dependencies point from apps to libraries.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'app-imports-no-app',
      comment: 'Apps meet over Kafka and gRPC: move shared code into a library.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/e2e/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'Only tests and tools import @penstock/testing and the tools. The command line alone runs brokers.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [tests, '^libs/testing/', '^apps/(e2e|cli)/'] },
      to: { path: '^(libs/testing|tools)/' },
    },
    {
      name: 'cli-runs-brokers',
      comment: 'Of all tools the command line imports @penstock/brokers only.',
      severity: 'error',
      from: { path: '^apps/cli/', pathNot: tests },
      to: { path: '^(libs/testing|tools/(?!brokers/))' },
    },
    {
      name: 'no-dev-package-at-run-time',
      comment: 'Images hold no devDependencies: move the package to dependencies, or the code into a test.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [tests, '/src/testing/', '^libs/testing/', '^apps/e2e/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'declared-packages-only',
      // jest-environment-node is a part of jest and has its version.
      comment: 'It works by accident of hoisting: declare the package in the root package.json.',
      severity: 'error',
      from: { path: '^(apps|libs|tools)/' },
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown'],
        pathNot: ['^(apps|libs|tools)/', '^node_modules/jest-environment-node/'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.penstock|\\.nx)/' },
    // Types are dependencies too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types', 'require'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
};
