package io.loraoperator.trainer.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.trainer.RunFailure;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds lines, for messages only: it reads the file once more. */
final class RowLocator {

  private static final ObjectMapper JSON = new ObjectMapper();

  private RowLocator() {}

  /** The line, from 1, on which a row begins; 0 if the file cannot be read any more. */
  static long line(Path file, DataFormat format, long index) {
    try (InputStream in = new BufferedInputStream(DataFormat.open(file))) {
      return switch (format) {
        case JSON_LINES -> lineOfJsonLine(in, index);
        case JSON_ARRAY -> lineOfElement(in, index);
        case CSV, TSV -> lineOfRecord(in, index);
        case PARQUET, TEXT -> index + 1;
      };
    } catch (IOException e) {
      return 0;
    }
  }

  /** What is wrong with a file that is not sound JSON. */
  static RunFailure fault(Path file, DataFormat format) {
    try (InputStream in = new BufferedInputStream(DataFormat.open(file))) {
      return format == DataFormat.JSON_LINES ? faultInLines(file, in) : faultInArray(file, in);
    } catch (IOException e) {
      return DataErrors.unreadable(file, e);
    }
  }

  private static BufferedReader reader(InputStream in) {
    return new BufferedReader(
        new InputStreamReader(
            in,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE)));
  }

  private static long lineOfJsonLine(InputStream in, long index) throws IOException {
    BufferedReader reader = reader(in);
    long rows = -1;
    long number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      rows += line.isBlank() ? 0 : 1;
      if (rows == index) {
        return number;
      }
    }
    return number;
  }

  private static long lineOfElement(InputStream in, long index) throws IOException {
    try (JsonParser parser = JSON.createParser(in)) {
      parser.nextToken();
      for (long row = 0; parser.nextToken() != JsonToken.END_ARRAY; row++) {
        if (row == index) {
          return parser.currentTokenLocation().getLineNr();
        }
        parser.skipChildren();
      }
      return parser.currentLocation().getLineNr();
    }
  }

  private static long lineOfRecord(InputStream in, long index) throws IOException {
    boolean quoted = false;
    boolean blank = true;
    long record = -1; // the header
    long line = 1;
    long start = 1;
    for (int b = in.read(); b != -1; b = in.read()) {
      if (b == '"') {
        quoted = !quoted;
      }
      blank &= b == '\n' || b == '\r';
      if (b == '\n') {
        line++;
        if (!quoted) {
          if (!blank && record++ == index) {
            return start;
          }
          start = line;
          blank = true;
        }
      }
    }
    return start;
  }

  private static RunFailure faultInLines(Path file, InputStream in) throws IOException {
    long number = 0;
    for (byte[] line = readLine(in); line != null; line = readLine(in)) {
      number++;
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
      } catch (CharacterCodingException e) {
        return DataErrors.invalid(file, number, "is not valid UTF-8");
      }
      if (!text.isBlank()) {
        try (JsonParser parser = JSON.createParser(text)) {
          while (parser.nextToken() != null) {
            parser.skipChildren();
          }
        } catch (JsonProcessingException e) {
          return DataErrors.invalid(file, number, "is not JSON: " + e.getOriginalMessage());
        }
      }
    }
    return DataErrors.invalid(file, number, "is not JSON lines");
  }

  private static byte @Nullable [] readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int b = in.read();
    if (b == -1) {
      return null;
    }
    for (; b != -1 && b != '\n'; b = in.read()) {
      line.write(b);
    }
    return line.toByteArray();
  }

  private static RunFailure faultInArray(Path file, InputStream in) throws IOException {
    try (JsonParser parser = JSON.createParser(in)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        return DataErrors.invalid(file, 1, "does not begin an array of objects");
      }
      while (parser.nextToken() != null) {
        parser.skipChildren();
      }
      return DataErrors.invalid(file, 1, "is not an array of objects");
    } catch (JsonProcessingException e) {
      return DataErrors.invalid(
          file, e.getLocation().getLineNr(), "is not JSON: " + e.getOriginalMessage());
    }
  }
}
