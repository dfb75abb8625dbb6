/** A protection of the pump switched off: the text that holds it, and what stands there without it. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

export const mutants: readonly Mutant[] = [
  {
    name: 'position before write',
    edits: [
      {
        file: 'flow.ts',
        from: 'claim.deliver(handed, bury, assignment.revoked).then(',
        to: 'this.#stored(entry);\n    claim.deliver(handed, bury, assignment.revoked).then(',
      },
    ],
  },
  {
    name: 'no fence',
    edits: [{ file: 'simulation/memory-sink.ts', from: 'if (epoch === this.#own.epoch) return;', to: 'if (epoch >= 0) return;' }],
  },
  {
    name: 'drop on retry',
    edits: [
      {
        file: 'flow.ts',
        from: 'parts.assignment.batches(parts.claim.position)',
        to: 'parts.assignment.batches(Flow.reached.get(parts.assignment) ?? parts.claim.position)',
      },
      {
        file: 'flow.ts',
        from: 'this.#position = delivery.to;',
        to: 'this.#position = delivery.to;\n    Flow.reached.set(this.#parts.assignment, delivery.to);',
      },
      {
        file: 'flow.ts',
        from: 'readonly #parts: FlowParts;',
        to: 'static reached = new WeakMap<object, number>();\n  readonly #parts: FlowParts;',
      },
    ],
  },
  {
    name: 'reorder on retry',
    edits: [
      {
        file: 'flow.ts',
        from: 'claim.deliver(handed, bury, assignment.revoked).then(',
        to: [
          'const persist = (): Promise<void> => claim.deliver(handed, bury, assignment.revoked).catch(async () => {',
          '  await options.clock.sleep(5);',
          '  if (assignment.revoked.aborted) throw new Error("revoked");',
          '  return persist();',
          '});',
          'persist().then(',
        ].join('\n'),
      },
      { file: 'simulation/memory-sink.ts', from: 'this.#spent = true;\n      throw thrown;', to: 'throw thrown;' },
    ],
  },
  {
    name: 'a forgotten dead letter',
    edits: [{ file: 'flow.ts', from: 'await dead.bury(letters);', to: 'dead.bury(letters).catch(() => undefined);' }],
  },
  {
    name: 'an unbounded queue',
    edits: [{ file: 'flow.ts', from: 'this.#inFlight.length < deliveriesInFlightMax', to: 'deliveriesInFlightMax > 0' }],
  },
];
