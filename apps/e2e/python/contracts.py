"""Another team's program: the data contracts of Confluent's client for Python, and nothing of Penstock's code.

Registers schemas with rules, and lets the client's own executors carry them out with what the registry answers.
"""

import argparse
import json

from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    Rule,
    RuleKind,
    RuleMode,
    RuleParams,
    RuleSet,
    Schema,
    SchemaRegistryClient,
    ServerConfig,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.rules.cel.cel_executor import CelExecutor
from confluent_kafka.schema_registry.rules.cel.cel_field_executor import CelFieldExecutor
from confluent_kafka.schema_registry.rules.encryption.encrypt_executor import FieldEncryptionExecutor
from confluent_kafka.schema_registry.rules.encryption.localkms.local_driver import LocalKmsDriver
from confluent_kafka.schema_registry.rules.jsonata.jsonata_executor import JsonataExecutor
from confluent_kafka.serialization import MessageField, SerializationContext

LATEST = {"auto.register.schemas": False, "use.latest.version": True}
READING = {"deviceId": "co2-7", "sequence": 7}


def avro(name="deviceId", tags=None):
    """A reading, with the field that tells the device called and tagged as wanted."""
    device = {"name": name, "type": "string"}
    if tags:
        device["confluent:tags"] = tags
    return json.dumps({"type": "record", "name": "Reading", "fields": [device, {"name": "sequence", "type": "long"}]})


def rule(name, kind, mode, type_, expr=None, tags=None, params=None, on_failure=None):
    return Rule(name, None, kind, mode, type_, tags, params, expr, None, on_failure, False)


def register(client, subject, text, domain=None, migration=None, properties=None):
    metadata = Metadata(None, MetadataProperties(properties), None) if properties else None
    return client.register_schema(subject, Schema(text, "AVRO", [], metadata, RuleSet(migration, domain)))


def context(topic):
    return SerializationContext(topic, MessageField.VALUE)


def refuse(client, topic):
    """A condition refuses a record, and takes another one."""
    condition = rule("counted", RuleKind.CONDITION, RuleMode.WRITE, "CEL", "message.sequence > 0")
    register(client, f"{topic}-value", avro(), domain=[condition])
    write = AvroSerializer(client, None, conf=LATEST)
    write(READING, context(topic))
    try:
        write({**READING, "sequence": -1}, context(topic))
    except Exception:  # whichever the client raises: it must not be written
        return
    raise AssertionError("it was written")


def mask(client, topic):
    """A transform changes fields of a tag."""
    transform = rule("mask", RuleKind.TRANSFORM, RuleMode.WRITE, "CEL_FIELD", "typeName == 'STRING' ; value + '-masked'", ["PII"])
    register(client, f"{topic}-value", avro(tags=["PII"]), domain=[transform])
    data = AvroSerializer(client, None, conf=LATEST)(dict(READING), context(topic))
    read = AvroDeserializer(client)(data, context(topic))
    assert read == {"deviceId": "co2-7-masked", "sequence": 7}, read


def migrate(client, topic):
    """What was written in one major version is read in the next one."""
    subject = f"{topic}-value"
    client.set_config(subject, ServerConfig(compatibility=ConfigCompatibilityLevel.NONE))
    register(client, subject, avro(), properties={"major": "1"})
    upgrade = rule("up", RuleKind.TRANSFORM, RuleMode.UPGRADE, "JSONATA", "$merge([$sift($, function($v, $k) {$k != 'deviceId'}), {'device': $.'deviceId'}])")
    register(client, subject, avro("device"), migration=[upgrade], properties={"major": "2"})
    old = {"auto.register.schemas": False, "use.latest.with.metadata": {"major": "1"}}
    data = AvroSerializer(client, None, conf=old)(READING, context(topic))
    read = AvroDeserializer(client, conf={"use.latest.with.metadata": {"major": "2"}})(data, context(topic))
    assert read == {"device": "co2-7", "sequence": 7}, read


def encrypt(client, topic, url):
    """Fields of a tag are encrypted with a key of the registry, and decrypted by whoever has the secret."""
    params = RuleParams({"encrypt.kek.name": f"{topic}-kek", "encrypt.kms.type": "local-kms", "encrypt.kms.key.id": "lab"})
    hide = rule("hide", RuleKind.TRANSFORM, RuleMode.WRITEREAD, "ENCRYPT", None, ["PII"], params, "ERROR,NONE")
    register(client, f"{topic}-value", avro(tags=["PII"]), domain=[hide])
    secret = {"secret": "penstock"}
    data = AvroSerializer(client, None, conf=LATEST, rule_conf=secret)(dict(READING), context(topic))
    assert b"co2-7" not in data, "it was written in clear"
    read = AvroDeserializer(SchemaRegistryClient({"url": url}), rule_conf=secret)(data, context(topic))
    assert read == READING, read


SEALED = {
    "AES128_GCM": {"encrypt.dek.algorithm": "AES128_GCM"},
    "AES256_GCM": {"encrypt.dek.algorithm": "AES256_GCM"},
    "AES256_SIV": {"encrypt.dek.algorithm": "AES256_SIV"},
    "replaced": {"encrypt.dek.expiry.days": "1"},
}


def seal(client, prefix):
    """A record with a key of each kind, in hex by its topic: what somebody else is to read."""
    sealed = {}
    for name, more in SEALED.items():
        topic = f"{prefix}-{name}"
        own = {"encrypt.kek.name": f"{topic}-kek", "encrypt.kms.type": "local-kms", "encrypt.kms.key.id": "lab"}
        hide = rule("hide", RuleKind.TRANSFORM, RuleMode.WRITEREAD, "ENCRYPT", None, ["PII"], RuleParams({**own, **more}))
        register(client, f"{topic}-value", avro(tags=["PII"]), domain=[hide])
        serialize = AvroSerializer(client, None, conf=LATEST, rule_conf={"secret": "penstock"})
        sealed[topic] = serialize(dict(READING), context(topic)).hex()
    return sealed


def open_sealed(client, records):
    """What somebody else has sealed, by its topic."""
    read = AvroDeserializer(client, rule_conf={"secret": "penstock"})
    return {topic: read(bytes.fromhex(data), context(topic)) for topic, data in records.items()}


def reason_of(error):
    """What an error says, and what caused it."""
    said = []
    while error is not None:
        said.append(f"{type(error).__name__} {error}".strip())
        error = error.__cause__ or error.__context__
    return "; ".join(said)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True, help="address of the registry")
    parser.add_argument("--topic", required=True, help="prefix of the topics that records are for")
    parser.add_argument("--seal", action="store_true", help="write records with encrypted fields for somebody else, and nothing more")
    parser.add_argument("--open", help="records that somebody else has sealed, in hex by their topics: read them, and nothing more")
    arguments = parser.parse_args()
    for executor in (CelExecutor, CelFieldExecutor, JsonataExecutor, FieldEncryptionExecutor, LocalKmsDriver):
        executor.register() if hasattr(executor, "register") else executor.register_driver()
    client = SchemaRegistryClient({"url": arguments.url})
    if arguments.seal or arguments.open:
        print(json.dumps(seal(client, arguments.topic) if arguments.seal else open_sealed(client, json.loads(arguments.open))))
        return
    checks = []
    for what, run in (
        ("a CEL condition of the registry refuses a record", lambda topic: refuse(client, topic)),
        ("a CEL transform changes fields of a tag", lambda topic: mask(client, topic)),
        ("a JSONata rule leads from one major version to the next", lambda topic: migrate(client, topic)),
        ("fields of a tag are encrypted with a key of the registry", lambda topic: encrypt(client, topic, arguments.url)),
    ):
        why = ""
        try:
            run(f"{arguments.topic}-{len(checks)}")
        except Exception as error:  # each is told, whatever it was
            why = reason_of(error)
        checks.append({"what": what, "why": why})
    print(json.dumps({"checks": checks}))


main()
