/** What keeps the key that wraps data keys. */
export interface Kms {
  /** Throws `schema.kms-unreachable` or `schema.kms-refused`. */
  encrypt(plain: Uint8Array): Promise<Buffer>;
  /** Throws `schema.kms-unreachable` or `schema.kms-refused`. */
  decrypt(cipher: Uint8Array): Promise<Buffer>;
}

/** Which key of which KMS, as a KEK of the registry names it. */
export interface KmsKey {
  readonly kmsType: string;
  readonly kmsKeyId: string;
  /** What a KEK says beside: it goes before the environment. */
  readonly kmsProps?: Readonly<Record<string, string>> | null;
}

export interface KmsOptions {
  /** For an answer of the KMS. */
  readonly timeoutMs?: number;
}

/** The environment of the service: where the secrets are. */
export type KmsEnv = Readonly<Record<string, string | undefined>>;
