package io.loraoperator.trainer.cli;

import io.loraoperator.checkpoint.Tokenizer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prints tokens as they come. The bytes of one character may be spread over several, and what may
 * become a text that ends the answer is held back.
 */
final class StreamedText {

  private static final char REPLACEMENT = '\uFFFD';

  private final Tokenizer tokenizer;
  private final List<String> stops;
  private final @Nullable PrintStream out;
  private final List<Integer> ids = new ArrayList<>();
  private String text = "";
  private boolean stopped;
  private int printed;

  /**
   * Begins an answer.
   *
   * @param stops texts that end it
   * @param out null to collect only
   */
  StreamedText(Tokenizer tokenizer, List<String> stops, @Nullable PrintStream out) {
    this.tokenizer = tokenizer;
    this.stops = stops;
    this.out = out;
  }

  /** Adds a token; false if the answer is over. */
  boolean add(int id) {
    ids.add(id);
    text = tokenizer.decode(ids.stream().mapToInt(Integer::intValue).toArray(), true);
    int end = stops.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
    if (end >= 0) {
      text = text.substring(0, end);
      stopped = true;
      return false;
    }
    if (!text.isEmpty() && text.charAt(text.length() - 1) != REPLACEMENT) {
      print(text.length() - heldBack());
    }
    return true;
  }

  /** The length of the longest end of the text that a stop text begins with. */
  private int heldBack() {
    int held = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, text.length()); n > held; n--) {
        if (text.regionMatches(text.length() - n, stop, 0, n)) {
          held = n;
        }
      }
    }
    return held;
  }

  /** Prints what is left. */
  void end() {
    print(text.length());
    if (out != null) {
      out.println();
    }
  }

  /** The answer so far. */
  String text() {
    return text;
  }

  /** Whether a stop text has ended it. */
  boolean stopped() {
    return stopped;
  }

  private void print(int to) {
    if (out != null && to > printed) {
      out.print(text.substring(printed, to));
      out.flush();
      printed = to;
    }
  }
}
