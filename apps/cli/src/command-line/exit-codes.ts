/** How a command ends. These are stable: scripts go by them. */
export const exitCode = {
  done: 0,
  /** It was understood and done as far as possible, and the answer is no: a document with complaints, a refused record, a defect. */
  failed: 1,
  wrongUsage: 2,
  /** What it needs does not run or does not answer. */
  unreachable: 3,
  /** A deadline passed before everything was settled. */
  unsettled: 4,
  /** The answer is neither yes nor no: what was asked about cannot be read, or is not there. */
  noAnswer: 5,
} as const;
