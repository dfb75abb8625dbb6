import com.fasterxml.jackson.databind.ObjectMapper;
import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.entities.Metadata;
import io.confluent.kafka.schemaregistry.client.rest.entities.Rule;
import io.confluent.kafka.schemaregistry.client.rest.entities.RuleKind;
import io.confluent.kafka.schemaregistry.client.rest.entities.RuleMode;
import io.confluent.kafka.schemaregistry.client.rest.entities.RuleSet;
import io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Another team's program: Confluent's own client and serialisers for Java, and nothing of Penstock's code. Prints what it saw. */
public final class ConfluentClient {
  private static final String READING =
      "{\"type\":\"record\",\"name\":\"Reading\",\"namespace\":\"rooms\",\"fields\":[{\"name\":\"deviceId\",\"type\":\"string\"%s},"
          + "{\"name\":\"sequence\",\"type\":\"long\"},{\"name\":\"co2Ppm\",\"type\":[\"null\",\"double\"],\"default\":null}]}";
  private static final String PLAIN = String.format(READING, "");
  private static final String TAGGED = String.format(READING, ",\"confluent:tags\":[\"PII\"]");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Map<String, String>> CHECKS = new ArrayList<>();
  private static final Map<String, Object> SEEN = new HashMap<>();

  private interface Try {
    boolean run() throws Exception;
  }

  private static void check(String what, Try tried) {
    String why = "";
    try {
      if (!tried.run()) why = "another answer than expected";
    } catch (Exception thrown) {
      Throwable root = thrown;
      while (root.getCause() != null) root = root.getCause();
      why = String.valueOf(root);
    }
    CHECKS.add(Map.of("what", what, "why", why));
  }

  private static int codeOf(Try tried) throws Exception {
    try {
      tried.run();
      return 0;
    } catch (RestClientException thrown) {
      return thrown.getErrorCode();
    }
  }

  private static GenericRecord record(String text) {
    GenericRecord reading = new GenericData.Record(new Schema.Parser().parse(text));
    reading.put("deviceId", "co2-7");
    reading.put("sequence", 9_007_199_254_740L);
    reading.put("co2Ppm", 415.25);
    return reading;
  }

  private static Map<String, Object> plainOf(Object read) {
    GenericRecord reading = (GenericRecord) read;
    return Map.of("deviceId", String.valueOf(reading.get("deviceId")), "sequence", reading.get("sequence"), "co2Ppm", reading.get("co2Ppm"));
  }

  public static void main(String[] arguments) throws Exception {
    String url = arguments[0];
    String topic = arguments[1];
    Map<String, Object> settings = new HashMap<>();
    settings.put("schema.registry.url", url);
    settings.put("auto.register.schemas", false);
    settings.put("use.latest.version", true);
    SchemaRegistryClient client = new CachedSchemaRegistryClient(url, 100);
    if (arguments.length > 2) read(settings, topic, arguments[2]);
    else {
      ask(client, url, topic + "-value");
      write(client, settings, topic);
      encrypt(client, settings, topic + "-secret");
    }
    SEEN.put("checks", CHECKS);
    System.out.println(JSON.writeValueAsString(SEEN));
  }

  private static void ask(SchemaRegistryClient client, String url, String subject) {
    ParsedSchema plain = new AvroSchema(PLAIN);
    int[] id = {0};
    check("register, look up, versions, latest", () -> {
      id[0] = client.register(subject, plain);
      return client.getId(subject, plain) == id[0]
          && client.getVersion(subject, plain) == 1
          && client.getLatestSchemaMetadata(subject).getId() == id[0]
          && client.getAllVersions(subject).equals(List.of(1))
          && client.getAllSubjectsByPrefix(subject).contains(subject);
    });
    check("by id, and by subject and id", () -> {
      SchemaRegistryClient fresh = new CachedSchemaRegistryClient(url, 100);
      return fresh.getSchemaById(id[0]).equals(plain) && fresh.getSchemaBySubjectAndId(subject, id[0]).equals(plain);
    });
    ParsedSchema narrower = new AvroSchema(PLAIN.replace("\"string\"", "\"int\""));
    check("verdicts and reasons", () -> !client.testCompatibility(subject, narrower)
        && !client.testCompatibilityVerbose(subject, narrower).isEmpty()
        && client.testCompatibility(subject, plain));
    check("409 for what does not go together", () -> {
      int code = codeOf(() -> client.register(subject, narrower) > 0);
      if (code != 409) throw new IllegalStateException("the code " + code);
      return true;
    });
    check("levels and modes", () -> {
      client.updateCompatibility(subject, "FULL");
      return client.getCompatibility(subject).equals("FULL") && client.getMode().equals("READWRITE");
    });
    check("a schema that refers to another", () -> {
      String place = subject + "-place";
      client.register(place, new AvroSchema("{\"type\":\"record\",\"name\":\"rooms.Place\",\"fields\":[]}"));
      SchemaReference reference = new SchemaReference("rooms.Place", place, 1);
      String outer = "{\"type\":\"record\",\"name\":\"rooms.Outer\",\"fields\":[{\"name\":\"place\",\"type\":\"rooms.Place\"}]}";
      String resolved = "{\"type\":\"record\",\"name\":\"rooms.Place\",\"fields\":[]}";
      int outerId = client.register(subject + "-outer", new AvroSchema(outer, List.of(reference), Map.of("rooms.Place", resolved), null));
      SchemaRegistryClient fresh = new CachedSchemaRegistryClient(url, 100);
      return fresh.getSchemaById(outerId).rawSchema() != null;
    });
    check("unknown ones", () -> codeOf(() -> client.getSchemaById(2_000_000_000) != null) == 40403
        && codeOf(() -> client.getLatestSchemaMetadata(subject + "-none") != null) == 40401);
    check("deletes softly, then for good", () -> {
      String gone = subject + "-gone";
      client.register(gone, new AvroSchema("\"string\""));
      return client.deleteSchemaVersion(gone, "1") == 1
          && client.deleteSubject(gone, true).equals(List.of(1))
          && codeOf(() -> client.getAllVersions(gone) != null) == 40401;
    });
  }

  private static void write(SchemaRegistryClient client, Map<String, Object> settings, String topic) {
    check("its serialiser writes, and its deserialiser reads that", () -> {
      try (KafkaAvroSerializer serializer = new KafkaAvroSerializer(); KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
        serializer.configure(settings, false);
        deserializer.configure(settings, false);
        byte[] written = serializer.serialize(topic, record(PLAIN));
        SEEN.put("written", HexFormat.of().formatHex(written));
        return plainOf(deserializer.deserialize(topic, written)).equals(plainOf(record(PLAIN)));
      }
    });
    check("a rule of the schema keeps back what breaks it", () -> {
      Rule rule = new Rule("sane", null, RuleKind.CONDITION, RuleMode.WRITE, "CEL", null, null, "message.sequence < 10", null, "ERROR", false);
      String ruled = topic + "-ruled";
      client.register(ruled + "-value", new AvroSchema(PLAIN).copy(null, new RuleSet(null, List.of(rule))));
      try (KafkaAvroSerializer serializer = new KafkaAvroSerializer()) {
        serializer.configure(settings, false);
        serializer.serialize(ruled, record(PLAIN));
        return false;
      } catch (RuntimeException thrown) {
        return String.valueOf(thrown.getMessage()).contains("sane") || String.valueOf(thrown.getCause()).contains("sane");
      }
    });
  }

  private static void encrypt(SchemaRegistryClient client, Map<String, Object> settings, String topic) {
    check("its rules encrypt a field, with keys that the registry keeps", () -> {
      Map<String, String> of = Map.of("encrypt.kek.name", topic, "encrypt.kms.type", "local-kms", "encrypt.kms.key.id", "any");
      Rule rule = new Rule("hide", null, RuleKind.TRANSFORM, RuleMode.WRITEREAD, "ENCRYPT", Set.of("PII"), of, null, null, "ERROR,NONE", false);
      client.register(topic + "-value", new AvroSchema(TAGGED).copy((Metadata) null, new RuleSet(null, List.of(rule))));
      Map<String, Object> own = new HashMap<>(settings);
      own.put("rule.executors", "hide");
      own.put("rule.executors.hide.class", "io.confluent.kafka.schemaregistry.encryption.FieldEncryptionExecutor");
      own.put("rule.executors.hide.param.secret", "a secret of the laboratory");
      try (KafkaAvroSerializer serializer = new KafkaAvroSerializer(); KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
        serializer.configure(own, false);
        deserializer.configure(own, false);
        byte[] written = serializer.serialize(topic, record(TAGGED));
        SEEN.put("encrypted", HexFormat.of().formatHex(written));
        boolean isHidden = !new String(written, "ISO-8859-1").contains("co2-7");
        return isHidden && plainOf(deserializer.deserialize(topic, written)).equals(plainOf(record(PLAIN)));
      }
    });
  }

  private static void read(Map<String, Object> settings, String topic, String hex) {
    check("its deserialiser reads what others write", () -> {
      try (KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
        deserializer.configure(settings, false);
        SEEN.put("read", plainOf(deserializer.deserialize(topic, HexFormat.of().parseHex(hex))));
        return true;
      }
    });
  }
}
