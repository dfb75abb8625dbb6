/** Sources run as they are: Node 24 strips the types, and jest is told to do the same. */
export default {
  testMatch: ['<rootDir>/{apps,libs,tools}/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: { '\\.ts$': '<rootDir>/tools/testing/strip-types.js' },
  testEnvironment: '<rootDir>/tools/testing/environment.js',
  modulePathIgnorePatterns: ['<rootDir>/.penstock', '<rootDir>/.nx'],
  testTimeout: 30_000,
  watchman: false,
};
