import type { ListedCommand } from './command-line/command.ts';

/** Every command, in the order of the help. Each is loaded when it is used. */
export const commands: readonly ListedCommand[] = [
  {
    name: 'up',
    sentence: 'Runs the whole platform on this machine, with real brokers',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    name: 'down',
    sentence: 'Ends the platform of this machine',
    load: async () => (await import('./commands/down.ts')).down,
  },
  {
    name: 'check',
    sentence: 'Type-checks a pipeline document from sensor to sink, before anything runs',
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'apply',
    sentence: 'Shows what a document would change, asks, and lets the services run it',
    load: async () => (await import('./commands/apply.ts')).apply,
  },
  {
    name: 'status',
    sentence: 'Shows each service and each stage: rate, lag, latency, last progress, whether its account balances',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'tail',
    sentence: 'Shows decoded records of a topic as they come',
    load: async () => (await import('./commands/tail.ts')).tail,
  },
  {
    name: 'trace',
    sentence: 'Follows one record from the device to the rows of the sinks',
    load: async () => (await import('./commands/trace.ts')).trace,
  },
  {
    name: 'dlq ls',
    sentence: 'Lists what was refused, and why',
    load: async () => (await import('./commands/dlq.ts')).dlqLs,
  },
  {
    name: 'dlq show',
    sentence: 'Shows one dead letter with its bytes and headers',
    load: async () => (await import('./commands/dlq.ts')).dlqShow,
  },
  {
    name: 'models',
    sentence: 'Lists models, or the versions of one and how its aliases moved',
    load: async () => (await import('./commands/models.ts')).modelsLs,
  },
  {
    name: 'models move',
    sentence: 'Points an alias of a model at another version',
    load: async () => (await import('./commands/models.ts')).modelsMove,
  },
  {
    name: 'retrain',
    sentence: 'Trains a model anew from what is in Kafka, and promotes it if it passes its gate',
    load: async () => (await import('./commands/retrain.ts')).retrainStart,
  },
  {
    name: 'retrain ls',
    sentence: 'Lists training runs and drift alarms that stand',
    load: async () => (await import('./commands/retrain.ts')).retrainLs,
  },
  {
    name: 'schema register',
    sentence: 'Registers a schema from a file, or tells every reason against it',
    load: async () => (await import('./commands/schema-register.ts')).schemaRegister,
  },
  {
    name: 'schema get',
    sentence: 'Prints a schema by subject and version, or by id',
    load: async () => (await import('./commands/schema-get.ts')).schemaGet,
  },
  {
    name: 'schema diff',
    sentence: 'Shows what became of each field between two versions, and whether they go together',
    load: async () => (await import('./commands/schema-diff.ts')).schemaDiff,
  },
  {
    name: 'schema check',
    sentence: 'Tells everything that speaks against a schema: earlier versions, and deployed pipelines',
    load: async () => (await import('./commands/schema-check.ts')).schemaCheck,
  },
  {
    name: 'schema list',
    sentence: 'Lists subjects: versions, ids, format, level, who uses them',
    load: async () => (await import('./commands/schema-list.ts')).schemaList,
  },
  {
    name: 'schema uses',
    sentence: 'Shows who would feel a change: stages, fields, models, sinks, trainings, other schemas',
    load: async () => (await import('./commands/schema-uses.ts')).schemaUses,
  },
  {
    name: 'schema delete',
    sentence: 'Deletes a version or a subject, softly or for good',
    load: async () => (await import('./commands/schema-delete.ts')).schemaDelete,
  },
  {
    name: 'schema mode',
    sentence: 'Shows or sets whether versions may be registered',
    load: async () => (await import('./commands/schema-mode.ts')).schemaMode,
  },
  {
    name: 'schema config',
    sentence: 'Shows or sets the settings that a subject goes by',
    load: async () => (await import('./commands/schema-config.ts')).schemaConfig,
  },
  {
    name: 'publish',
    sentence: 'Publishes the rows of a CSV file over MQTT, at any pace',
    load: async () => (await import('./commands/publish.ts')).publish,
  },
  {
    name: 'audit',
    sentence: 'Lists who changed which schema, setting or pipeline, and what was refused',
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  {
    name: 'hash-password',
    sentence: 'Makes the hash of a password for an access file',
    load: async () => (await import('./commands/hash-password.ts')).hashPasswordCommand,
  },
];
