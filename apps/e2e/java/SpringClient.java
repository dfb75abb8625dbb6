import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.cloud.stream.schema.SchemaReference;
import org.springframework.cloud.stream.schema.client.ConfluentSchemaRegistryClient;

/** Another team's program: Spring's client of Confluent's registry, and nothing of Penstock's code. Prints what it saw. */
public final class SpringClient {
  private static final String TEXT =
      "{\"type\":\"record\",\"name\":\"Reading\",\"namespace\":\"rooms\",\"fields\":[{\"name\":\"deviceId\",\"type\":\"string\"}]}";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<Map<String, String>> CHECKS = new ArrayList<>();

  private interface Try {
    boolean run() throws Exception;
  }

  private static void check(String what, Try tried) {
    String why = "";
    try {
      if (!tried.run()) why = "another answer than expected";
    } catch (Exception thrown) {
      why = String.valueOf(thrown.getMessage());
    }
    CHECKS.add(Map.of("what", what, "why", why));
  }

  private static boolean same(String left, String right) throws Exception {
    return JSON.readTree(left).equals(JSON.readTree(right));
  }

  public static void main(String[] arguments) throws Exception {
    ConfluentSchemaRegistryClient client = new ConfluentSchemaRegistryClient();
    client.setEndpoint(arguments[0]);
    String subject = arguments[1];
    int[] id = {0};
    check("registers, and again", () -> {
      id[0] = client.register(subject, "avro", TEXT).getId();
      return id[0] > 0 && client.register(subject, "avro", TEXT).getId() == id[0];
    });
    check("fetches by id", () -> same(client.fetch(id[0]), TEXT));
    check("fetches by subject and version", () -> same(client.fetch(new SchemaReference(subject, 1, "avro")), TEXT));
    check("finds no schema where there is none", () -> {
      try {
        client.fetch(2_000_000_000);
        return false;
      } catch (RuntimeException thrown) {
        return thrown.getClass().getSimpleName().equals("SchemaNotFoundException");
      }
    });
    System.out.println(JSON.writeValueAsString(Map.of("checks", CHECKS)));
  }
}
