import type { Incompatibility } from '../incompatibility.ts';
import type { Part } from './facts.ts';
import type { Json, JsonNode } from './node.ts';
import { pathOf } from './node.ts';
import type { Written } from './written.ts';

/** One schema of the reader, held against what may have been written there. */
export interface Comparison {
  readonly written: Written;
  /** The parts of what was written. */
  readonly parts: readonly Part[];
  readonly node: JsonNode;
  readonly json: Json;
  /** True where a reader fills in the default of a property that is missing, and nothing else judges the object. */
  readonly fillsIn: boolean;
  /** Why values within the instance, that obey all nodes, may not be valid under a schema of the reader. */
  within(nodes: readonly JsonNode[], reader: JsonNode): Incompatibility[];
  /** The same for the instance itself. */
  itself(written: Written, reader: JsonNode): Incompatibility[];
  /** Empty where the policy lets such a change pass. */
  reason(type: string, at: readonly string[], facts: Omit<ReasonFacts, 'at'>): Incompatibility[];
}

export interface ReasonFacts {
  /** Keywords below the schema. */
  readonly at?: readonly string[];
  readonly message: string;
  readonly reader?: unknown;
  readonly writer?: unknown;
}

/** The type of what is not decided: never an answer, but the reason why there is none. */
export const undecided = 'NOT_DECIDED';

export function createReason(node: JsonNode, type: string, facts: ReasonFacts): Incompatibility {
  const { at = [], message, reader, writer } = facts;
  const said = {
    ...(reader === undefined ? {} : { reader: brief(reader) }),
    ...(writer === undefined ? {} : { writer: brief(writer) }),
  };
  return { type, path: pathOf(node, ...at), message, ...said };
}

const briefMax = 200;

function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > briefMax ? `${text.slice(0, briefMax)}…` : text;
}
