import { TestEnvironment } from 'jest-environment-node';

const shared = [
  ...[ArrayBuffer, SharedArrayBuffer, DataView, Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array],
  ...[Int8Array, Int16Array, Int32Array, BigInt64Array, BigUint64Array, Float32Array, Float64Array],
];

/** Native addons compare typed arrays with those of the outer realm: a sandbox with its own would fail `instanceof`. */
export default class SharedArrays extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const constructor of shared) this.global[constructor.name] = constructor;
  }
}
