import type { CompatibilityLevel, SchemaDraft, SchemaFormat, SchemaReference, VersionIncompatibility } from '@penstock/schema';

/** What the commands ask of a registry, over whichever protocol. */
export interface RegistryDoor extends Disposable {
  /** For messages: where it is. */
  readonly address: string;
  register(subject: string, draft: SchemaDraft, how: Registering): Promise<Registered>;
  /** Version null: those that registering would compare with. */
  check(subject: string, draft: SchemaDraft, version: number | null): Promise<CheckAnswer>;
  version(subject: string, version: number | 'latest'): Promise<StoredVersion>;
  /** The text of an id, with every version that has it. */
  byId(
    id: number,
  ): Promise<Omit<StoredVersion, 'subject' | 'version' | 'deleted'> & { readonly versions: readonly VersionName[] }>;
  /** Of one subject, oldest first. */
  versions(subject: string, deleted: boolean): Promise<readonly StoredVersion[]>;
  /** Of all subjects that begin so. */
  list(prefix: string, deleted: boolean): Promise<readonly StoredVersion[]>;
  uses(subject: string): Promise<Uses>;
  deleteVersion(subject: string, version: number, permanent: boolean): Promise<void>;
  deleteSubject(subject: string, permanent: boolean): Promise<readonly number[]>;
  /** Subject '' is the default for all. */
  config(subject: string): Promise<Setting<Config>>;
  /** What is not named stays, null takes away. */
  setConfig(subject: string, change: Partial<Config>): Promise<void>;
  unsetConfig(subject: string): Promise<void>;
  mode(subject: string): Promise<Setting<string>>;
  setMode(subject: string, mode: string, force: boolean): Promise<void>;
  unsetMode(subject: string): Promise<void>;
}

export interface Registering {
  readonly normalize: boolean;
  readonly dryRun: boolean;
  readonly overrideReason: string;
}

export interface Registered {
  readonly id: number;
  /** Null: the registry does not tell. */
  readonly version: number | null;
  /** Pipelines that go on with the new version. */
  readonly replanned: readonly string[];
}

export interface VersionName {
  readonly subject: string;
  readonly version: number;
}

export interface StoredVersion extends VersionName {
  readonly id: number;
  readonly format: SchemaFormat;
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly deleted: boolean;
}

/** One reason; of registries that tell no more than a sentence, all else is null. */
export interface Reason extends Pick<VersionIncompatibility, 'type' | 'path' | 'message'> {
  readonly version: number | null;
  readonly direction: 'BACKWARD' | 'FORWARD' | null;
  readonly old: string;
  readonly new: string;
}

export interface Break {
  readonly pipeline: string;
  readonly stage: string;
  readonly field: string;
  readonly path: string;
  readonly message: string;
}

export interface CheckAnswer {
  readonly compatible: boolean;
  readonly level: CompatibilityLevel;
  readonly reasons: readonly Reason[];
  readonly breaks: readonly Break[];
  /** Why no verdict can be given; null: it was. */
  readonly noVerdict: string | null;
}

export interface StageUse {
  readonly pipeline: string;
  readonly stage: string;
  readonly writes: boolean;
  readonly fields: readonly string[];
  readonly model: string;
  readonly sink: string;
}

export interface TrainingUse {
  readonly pipeline: string;
  readonly model: string;
  readonly alias: string;
  readonly fields: readonly string[];
}

export interface Uses {
  readonly stages: readonly StageUse[];
  readonly trainings: readonly TrainingUse[];
  readonly references: readonly VersionName[];
  /** False: the registry knows nothing of pipelines. */
  readonly knowsPipelines: boolean;
}

/** The settings that a subject goes by. Null: not set, or the registry has no such thing. */
export interface Config {
  readonly compatibility: CompatibilityLevel;
  /** How JSON Schemas are compared. */
  readonly compatibilityPolicy: string | null;
  /** The property of metadata by which versions are compared with their like only. */
  readonly compatibilityGroup: string | null;
  readonly alias: string | null;
  readonly normalize: boolean;
  readonly validateFields: boolean | null;
  readonly guard: boolean | null;
  readonly defaultMetadata: Attachment | null;
  readonly overrideMetadata: Attachment | null;
  readonly defaultRuleSet: Attachment | null;
  readonly overrideRuleSet: Attachment | null;
}

/** Metadata or a rule set, as the registry's API writes it. */
export type Attachment = Readonly<Record<string, unknown>>;

export interface Setting<Value> {
  readonly value: Value;
  /** False: inherited. */
  readonly own: boolean;
}
