package io.loraoperator.operator.check;

/** How messages are put together. */
final class Sentences {

  /** What a condition's message may hold is far more; nobody reads further than this. */
  private static final int MAXIMUM_LENGTH = 2048;

  private Sentences() {}

  /** A text as a sentence: ended by a full stop, cut where it is endless. */
  static String of(String text) {
    String trimmed = text.strip();
    if (trimmed.length() > MAXIMUM_LENGTH) {
      trimmed = trimmed.substring(0, MAXIMUM_LENGTH) + "...";
    }
    return trimmed.isEmpty() || ".!?".indexOf(trimmed.charAt(trimmed.length() - 1)) >= 0
        ? trimmed
        : trimmed + ".";
  }

  /** What happened, and what to do about it. */
  static String join(String what, String remedy) {
    return (of(what) + " " + capitalised(of(remedy))).strip();
  }

  private static String capitalised(String sentence) {
    return sentence.isEmpty()
        ? sentence
        : Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
  }

  /** Another component's reason and words. */
  static String words(String reason, String message) {
    if (message.isBlank()) {
      return reason.isBlank() ? "no reason was given." : of(reason);
    }
    return of(reason.isBlank() ? message : reason + ": " + message);
  }
}
