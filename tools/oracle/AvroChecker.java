import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** Reads pairs {"reader", "writer"} as JSON lines and answers each with one word: a compatibility type, or INVALID. */
public class AvroChecker {
  public static void main(String[] args) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      answers.println(answer(mapper.readTree(line)));
    }
    answers.flush();
  }

  private static String answer(JsonNode pair) {
    try {
      Schema reader = new Schema.Parser().parse(pair.get("reader").toString());
      Schema writer = new Schema.Parser().parse(pair.get("writer").toString());
      return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType().name();
    } catch (RuntimeException invalid) {
      return "INVALID " + invalid.getMessage().replace('\n', ' ');
    }
  }
}
