package io.loraoperator.trainer.dataset;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** The first record of a file of separated values (RFC 4180). */
final class CsvHeader {

  private static final int MAXIMUM_CHARACTERS = 1 << 20;

  private CsvHeader() {}

  /** The names of the columns. */
  static List<String> read(Path file, char separator) {
    List<String> names = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(DataFormat.open(file), StandardCharsets.UTF_8))) {
      StringBuilder name = new StringBuilder();
      boolean quoted = false;
      int read = 0;
      int c = reader.read();
      for (; c != -1 && read < MAXIMUM_CHARACTERS; c = reader.read(), read++) {
        if (c == '"') {
          quoted = !quoted;
        } else if (c == separator && !quoted) {
          names.add(name.toString());
          name.setLength(0);
        } else if (c == '\n' && !quoted) {
          break;
        } else if (c != '\r' && !(c == '\uFEFF' && read == 0)) {
          name.append((char) c);
        }
      }
      names.add(name.toString());
    } catch (IOException e) {
      throw DataErrors.unreadable(file, e);
    }
    if (names.stream().anyMatch(String::isBlank) || new HashSet<>(names).size() < names.size()) {
      throw DataErrors.invalid(
          file, 1, "the header must name every column once, and is " + String.join(",", names));
    }
    return names;
  }
}
