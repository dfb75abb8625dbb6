import type { Draft } from '@penstock/registry';

const keyId = 'encrypt.kms.key.id';
const kekName = 'encrypt.kek.name';
const kmsType = 'encrypt.kms.type';

type Params = Readonly<Record<string, unknown>>;

/** A rule that names the key of a KMS and no KEK is registered with a name for one that comes from the key's. */
export function withKmsDefaults(draft: Draft): Draft {
  const rules = draft.ruleSet?.['domainRules'];
  if (!Array.isArray(rules) || !rules.some((rule) => lacksKek(paramsOf(rule)))) return draft;
  return { ...draft, ruleSet: { ...draft.ruleSet, domainRules: rules.map(completed) } };
}

function completed(rule: unknown): unknown {
  const params = paramsOf(rule);
  if (!lacksKek(params)) return rule;
  const id = String(params[keyId]);
  const isArn = id.startsWith('arn:');
  const type = isArn && params[kmsType] === undefined ? { [kmsType]: 'aws-kms' } : {};
  const name = (isArn ? id.slice(4) : id).replaceAll(/[^\p{L}\p{Nd}_-]/gu, '-');
  return { ...Object(rule), params: { [kekName]: name, ...params, ...type } };
}

function lacksKek(params: Params): boolean {
  return params[keyId] !== undefined && (params[kekName] === undefined || params[kmsType] === undefined);
}

function paramsOf(rule: unknown): Params {
  return Object((Object(rule) as { params?: unknown }).params) as Params;
}
