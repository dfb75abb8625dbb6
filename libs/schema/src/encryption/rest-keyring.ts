import { createRestDoor, type RestDoorOptions } from '../registry/rest-door.ts';
import { createKeyRegistry } from './key-registry.ts';
import { createKeyring, type Keyring, type KeyringOptions } from './keyring.ts';

/** Where the registry of keys is, and how one logs in there; `timeoutMs` is for an answer of it as of a KMS. */
export type RestKeyringOptions = RestDoorOptions & Omit<KeyringOptions, 'registry'>;

/** The keyring of a registry that keeps keys below `/dek-registry/v1`. Nothing is asked before a key is needed. */
export function createRestKeyring(options: RestKeyringOptions): Keyring {
  return createKeyring({ ...options, registry: createKeyRegistry(createRestDoor(options).ask) });
}
