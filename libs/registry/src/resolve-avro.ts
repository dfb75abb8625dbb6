type Node = Readonly<Record<string, unknown>>;

interface Definition {
  readonly node: Node;
  /** Of what stands around it. */
  readonly namespace: string;
}

const kindsWithName: readonly unknown[] = ['record', 'error', 'enum', 'fixed'];

/** An Avro schema with what it refers to written out where it is first named. `imports` are the texts of others. */
export function resolveAvro(text: string, imports: Iterable<string>): string {
  const known = new Map<string, Definition>();
  for (const each of imports) collect(JSON.parse(each), '', known);
  return JSON.stringify(new Resolving(known).type(JSON.parse(text), ''));
}

function collect(node: unknown, namespace: string, known: Map<string, Definition>): void {
  if (Array.isArray(node)) for (const each of node) collect(each, namespace, known);
  if (!isNode(node)) return;
  const inner = hasName(node) ? namespaceOf(node, namespace) : namespace;
  if (hasName(node)) known.set(fullNameOf(node, namespace), { node, namespace });
  for (const part of [node['items'], node['values'], node['fields'], node['type']]) collect(part, inner, known);
}

class Resolving {
  readonly #known: ReadonlyMap<string, Definition>;
  readonly #written = new Set<string>();

  constructor(known: ReadonlyMap<string, Definition>) {
    this.#known = known;
  }

  type(node: unknown, namespace: string): unknown {
    if (typeof node === 'string') return this.#name(node, namespace);
    if (Array.isArray(node)) return node.map((each) => this.type(each, namespace));
    if (!isNode(node)) return node;
    if (hasName(node)) return this.#definition(node, namespace);
    const parts = ['type', 'items', 'values'].filter((name) => node[name] !== undefined);
    return { ...node, ...Object.fromEntries(parts.map((name) => [name, this.type(node[name], namespace)])) };
  }

  #name(name: string, namespace: string): unknown {
    const full = name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
    const found = this.#written.has(full) ? undefined : this.#known.get(full);
    if (found === undefined) return name;
    const own = namespaceOf(found.node, found.namespace);
    return this.#definition({ ...found.node, namespace: own }, own);
  }

  #definition(node: Node, namespace: string): unknown {
    const full = fullNameOf(node, namespace);
    if (this.#written.has(full)) return full;
    this.#written.add(full);
    const { fields } = node;
    if (!Array.isArray(fields)) return node;
    const inner = namespaceOf(node, namespace);
    return { ...node, fields: fields.map((field: Node) => ({ ...field, type: this.type(field['type'], inner) })) };
  }
}

function isNode(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

/** A field has a name too, but its type is none of these words alone. */
function hasName(node: Node): boolean {
  return kindsWithName.includes(node['type']) && typeof node['name'] === 'string';
}

function namespaceOf({ name, namespace }: Node, around: string): string {
  const text = String(name);
  if (text.includes('.')) return text.slice(0, text.lastIndexOf('.'));
  return typeof namespace === 'string' ? namespace : around;
}

function fullNameOf(node: Node, around: string): string {
  const name = String(node['name']);
  const namespace = namespaceOf(node, around);
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}
