package io.loraoperator.trainer.dataset;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Plain text: every line, also an empty one, is a row with the one column {@code text}. */
record TextReader() implements RowReader {

  private static final String COLUMN = "text";

  /** As long as the longest row of the other formats. */
  private static final int LONGEST_LINE = DuckDb.MAXIMUM_ROW_BYTES;

  @Override
  public Set<String> columns(Path file) {
    return Set.of(COLUMN);
  }

  @Override
  public void read(Path file, Visitor visitor) {
    long index = 0;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                DataFormat.open(file),
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)))) {
      StringBuilder line = new StringBuilder();
      int c = reader.read();
      c = c == '\uFEFF' ? reader.read() : c;
      while (c != -1) {
        line.setLength(0);
        for (; c != -1 && c != '\n'; c = reader.read()) {
          if (line.length() == LONGEST_LINE) {
            throw DataErrors.invalid(
                file, index + 1, "is longer than %,d characters".formatted(LONGEST_LINE));
          }
          line.append((char) c);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
          line.setLength(line.length() - 1);
        }
        DataRow row = new DataRow(file, DataFormat.TEXT, index++, Map.of(COLUMN, line.toString()));
        if (!visitor.visit(() -> row)) {
          return;
        }
        c = c == '\n' ? reader.read() : c;
      }
    } catch (CharacterCodingException e) {
      throw DataErrors.invalid(file, index + 1, "or one behind it is not valid UTF-8");
    } catch (IOException e) {
      throw DataErrors.unreadable(file, e);
    }
  }
}
