/** What can be done to a subject or a pipeline. `decrypt` gets open keys of its fields, `purge` is deletion for good. */
export type Action = 'read' | 'decrypt' | 'register' | 'delete' | 'operate' | 'configure' | 'purge' | 'override';

const reading = ['read'] as const;
const decrypting = [...reading, 'decrypt'] as const;
const writing = [...decrypting, 'register', 'delete'] as const;

/** Each role may do all that the one before it may. */
export const roles = {
  viewer: reading,
  reader: decrypting,
  writer: writing,
  operator: [...writing, 'operate'],
  admin: [...writing, 'operate', 'configure', 'purge', 'override'],
} as const satisfies Readonly<Record<string, readonly Action[]>>;
export type Role = keyof typeof roles;
export const roleNames = Object.keys(roles) as [Role, ...Role[]];

/** A role on some subjects and pipelines; where neither are named, on everything. */
export interface Grant {
  readonly role: Role;
  /** `rooms.raw-value`, `rooms.*`, `:.lab:*`; `*` is everything, in all contexts. */
  readonly subjects?: readonly string[] | undefined;
  readonly pipelines?: readonly string[] | undefined;
}

interface Rule {
  readonly actions: ReadonlySet<Action>;
  readonly subjects: readonly Pattern[];
  readonly pipelines: readonly Pattern[];
  readonly isForAll: boolean;
}

type Pattern = (name: string) => boolean;

/** What one caller may do. */
export class Grants {
  readonly #rules: readonly Rule[];
  /** Reads every subject: what most callers may, and what costs no look at the subject. */
  readonly readsAll: boolean;

  constructor(grants: readonly Grant[]) {
    this.#rules = grants.map(ruleOf);
    this.readsAll = this.mayEverywhere('read');
  }

  /** On the subject as a whole, or on everything of a context: `:.lab:`. */
  may(action: Action, subject: string): boolean {
    const name = subject.startsWith(':.:') ? subject.slice(3) : subject;
    return this.#rules.some(({ actions, subjects }) => actions.has(action) && subjects.some((matches) => matches(name)));
  }

  mayPipeline(action: Action, pipeline: string): boolean {
    return this.#rules.some(({ actions, pipelines }) => actions.has(action) && pipelines.some((matches) => matches(pipeline)));
  }

  /** What concerns no subject alone. */
  mayEverywhere(action: Action): boolean {
    return this.#rules.some(({ actions, isForAll }) => isForAll && actions.has(action));
  }

  /** On anything at all. */
  maySomewhere(action: Action): boolean {
    return this.#rules.some(({ actions }) => actions.has(action));
  }
}

function ruleOf({ role, subjects, pipelines }: Grant): Rule {
  const isUnlimited = subjects === undefined && pipelines === undefined;
  const ofSubjects = subjects ?? (isUnlimited ? ['*'] : []);
  const ofPipelines = pipelines ?? (isUnlimited ? ['*'] : []);
  return {
    actions: new Set<Action>(roles[role]),
    subjects: ofSubjects.map(patternOf),
    pipelines: ofPipelines.map(patternOf),
    isForAll: ofSubjects.includes('*'),
  };
}

/** A star at the end stands for anything; elsewhere it is a letter like any other. */
function patternOf(text: string): Pattern {
  const wanted = text.startsWith(':.:') ? text.slice(3) : text;
  if (!wanted.endsWith('*')) return (name) => name === wanted;
  const prefix = wanted.slice(0, -1);
  return (name) => name.startsWith(prefix);
}
