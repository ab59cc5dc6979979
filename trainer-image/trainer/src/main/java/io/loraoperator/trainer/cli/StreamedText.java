package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.Tokenizer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints tokens as they come; the bytes of one character may be spread over several. */
final class StreamedText {

  private static final char REPLACEMENT = '\uFFFD';

  private final Tokenizer tokenizer;
  private final @Nullable PrintStream out;
  private final List<Integer> ids = new ArrayList<>();
  private int printed;

  StreamedText(Tokenizer tokenizer, @Nullable PrintStream out) {
    this.tokenizer = tokenizer;
    this.out = out;
  }

  void add(int id) {
    ids.add(id);
    String text = text();
    if (out != null && !text.isEmpty() && text.charAt(text.length() - 1) != REPLACEMENT) {
      print(text);
    }
  }

  void end() {
    if (out != null) {
      print(text());
      out.println();
    }
  }

  private void print(String text) {
    if (out != null && text.length() > printed) {
      out.print(text.substring(printed));
      out.flush();
      printed = text.length();
    }
  }

  private String text() {
    return tokenizer.decode(ids.stream().mapToInt(Integer::intValue).toArray(), true);
  }
}
