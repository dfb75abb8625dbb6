"""Another team's program: Confluent's own client and serialisers for Python, and nothing of Penstock's code.

Registers, asks, checks and deletes; writes one record in each format, reads the records that it is given, and prints what it saw.
"""

import argparse
import json

from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

READING = {"deviceId": "co2-7", "sequence": 9007199254740, "co2Ppm": 415.25}
AVRO = {
    "type": "record",
    "name": "Reading",
    "namespace": "rooms",
    "fields": [
        {"name": "deviceId", "type": "string"},
        {"name": "sequence", "type": "long"},
        {"name": "co2Ppm", "type": ["null", "double"], "default": None},
    ],
}
JSON = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Reading",
    "type": "object",
    "required": ["deviceId", "sequence"],
    "properties": {
        "deviceId": {"type": "string"},
        "sequence": {"type": "integer"},
        "co2Ppm": {"type": ["number", "null"]},
    },
}


def reading_class():
    """The class that protoc would generate for rooms.Reading."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="reading.proto", package="rooms", syntax="proto3")
    message = file.message_type.add(name="Reading")
    for number, (name, kind) in enumerate(
        [("device_id", field.TYPE_STRING), ("sequence", field.TYPE_INT64), ("co2_ppm", field.TYPE_DOUBLE)], 1
    ):
        message.field.add(name=name, number=number, type=kind, label=field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("rooms.Reading"))


def formats(client):
    """By format: how to write a reading, and how to read one, each as a plain dictionary."""
    reading = reading_class()
    plain = {"use.deprecated.format": False}

    def to_message(value, _=None):
        return reading(device_id=value["deviceId"], sequence=value["sequence"], co2_ppm=value["co2Ppm"])

    def from_message(message):
        return {"deviceId": message.device_id, "sequence": message.sequence, "co2Ppm": message.co2_ppm}

    protobuf = ProtobufSerializer(reading, client, plain)
    protobuf_reader = ProtobufDeserializer(reading, plain, client)
    return {
        "AVRO": (AvroSerializer(client, json.dumps(AVRO)), AvroDeserializer(client)),
        "JSON": (JSONSerializer(json.dumps(JSON), client), JSONDeserializer(None, schema_registry_client=client)),
        "PROTOBUF": (
            lambda value, context: protobuf(to_message(value), context),
            lambda data, context: from_message(protobuf_reader(data, context)),
        ),
    }


def code_of(question):
    """How a question is refused: status and error code."""
    try:
        question()
    except SchemaRegistryError as error:
        return [error.http_status_code, error.error_code]
    return None


def ask(client, subject):
    """The questions of the client, and what each came to."""
    schema = Schema(json.dumps(AVRO), "AVRO")
    narrower = Schema(json.dumps(AVRO).replace('"string"', '"int"'), "AVRO")
    outer = Schema(
        json.dumps({"type": "record", "name": "Outer", "fields": [{"name": "reading", "type": "rooms.Reading"}]}),
        "AVRO",
        [SchemaReference("rooms.Reading", subject, 1)],
    )
    seen = {}
    before = code_of(lambda: client.get_latest_version(subject))
    schema_id = client.register_schema(subject, schema)
    again = client.register_schema(subject, schema)
    found = client.lookup_schema(subject, schema)
    seen["registered"] = {"same": schema_id == again == found.schema_id, "version": found.version, "before": before}
    seen["text"] = json.loads(client.get_schema(schema_id).schema_str) == AVRO
    seen["versions"] = client.get_versions(subject)
    seen["listed"] = subject in client.get_subjects()
    own = subject.removesuffix("-asked")
    named = sorted(name for name in client.get_subjects_by_schema_id(schema_id) if name.startswith(own))
    versions = sorted(each.subject for each in client.get_schema_versions(schema_id) if each.subject.startswith(own))
    seen["named"] = named if named == versions else "subjects and versions of one id differ"
    seen["compatible"] = [client.test_compatibility(subject, schema), client.test_compatibility(subject, narrower)]
    seen["refused"] = code_of(lambda: client.register_schema(subject, narrower))
    outer_id = client.register_schema(f"{subject}-outer", outer)
    read = client.get_schema(outer_id)
    seen["references"] = [[each.name, each.version] for each in read.references]
    seen["referenced"] = client.get_referenced_by(subject, 1) == [outer_id]
    client.set_config(subject, ServerConfig(compatibility=ConfigCompatibilityLevel.NONE))
    seen["config"] = client.get_config(subject).compatibility_level
    tagged = Schema(json.dumps("int"), "AVRO", metadata=Metadata(None, MetadataProperties({"owner": "lab"}), None))
    client.register_schema(subject, tagged)
    seen["metadata"] = client.get_latest_with_metadata(subject, {"owner": "lab"}).version
    seen["modes"] = [client.get_global_mode(), client.update_mode(subject, "READONLY"), client.get_mode(subject)]
    seen["readonly"] = code_of(lambda: client.register_schema(subject, Schema('"long"', "AVRO")))
    client.update_mode(subject, "READWRITE")
    seen["held"] = code_of(lambda: client.delete_version(subject, 1))
    for permanent in [False, True]:
        client.delete_subject(f"{subject}-outer", permanent=permanent)
    seen["deleted"] = [client.delete_subject(subject), client.delete_subject(subject, permanent=True)]
    seen["gone"] = code_of(lambda: client.get_versions(subject))
    seen["types"] = sorted(client.get_schema_types())
    seen["contexts"] = client.get_contexts()
    return seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True, help="address of the registry")
    parser.add_argument("--topic", required=True, help="prefix of the topics that records are for")
    parser.add_argument("--read", default="{}", help="records of others by format, as hexadecimal bytes")
    arguments = parser.parse_args()
    client = SchemaRegistryClient({"url": arguments.url})
    given = json.loads(arguments.read)
    seen = {"asked": ask(client, f"{arguments.topic}-asked"), "written": {}, "read": {}}
    for name, (write, read) in formats(client).items():
        context = SerializationContext(f"{arguments.topic}-{name}", MessageField.VALUE)
        seen["written"][name] = write(READING, context).hex()
        if name in given:
            seen["read"][name] = read(bytes.fromhex(given[name]), context)
    print(json.dumps(seen))


main()
