package io.loraoperator.trainer.template;

import org.jspecify.annotations.Nullable;

/**
 * The work that one rendering may do, counted instead of timed, so that the same template and
 * values always end the same way. One unit is an evaluated expression, a visited element or eight
 * characters looked at or made; what takes longer, or more memory, costs several. A unit allocates
 * about a hundred bytes at most, so that no rendering takes more than a gibibyte.
 */
final class Budget {

  static final long UNITS = 10_000_000;

  /** A table of names. */
  static final int SCOPE_UNITS = 2;

  /** Lists and tables of arguments. */
  static final int CALL_UNITS = 3;

  /** A number from or to decimal digits. */
  static final int DECIMAL_UNITS = 16;

  /** A text that was to be a number and is none. */
  static final int FAULT_UNITS = 64;

  /** Characters of one text, the output included. */
  static final int CHARACTERS = 8 << 20;

  /** Calls, and values within values. */
  static final int DEPTH = 64;

  private static final int CHARACTERS_OF_A_UNIT = 8;

  /** Long parts are rare; short ones cost little even where every place almost fits. */
  private static final int FREE_COMPARISONS = 64;

  private long left = UNITS;
  private int depth;

  void spend(long units) {
    left -= units;
    if (left < 0) {
      throw TemplateException.limit("does more work than is allowed for one text");
    }
  }

  /** Pays for a text before it is made or searched. */
  void characters(long length) {
    if (length > CHARACTERS) {
      throw TemplateException.limit(
          "makes a text of more than %,d characters".formatted(CHARACTERS));
    }
    spend(1 + length / CHARACTERS_OF_A_UNIT);
  }

  /** Pays for looking for a part in a text, at worst a comparison at each of its characters. */
  void search(String text, String part) {
    spend((long) text.length() * (1 + part.length() / FREE_COMPARISONS) / CHARACTERS_OF_A_UNIT);
  }

  /** Pays for going through a value once, as for a comparison; only texts are long. */
  void once(@Nullable Object value) {
    if (value instanceof String text) {
      spend(text.length() / CHARACTERS_OF_A_UNIT);
    }
  }

  /** Pays for characters added to a text. */
  void grow(long length, int added) {
    if (length + added > CHARACTERS) {
      throw TemplateException.limit(
          "makes a text of more than %,d characters".formatted(CHARACTERS));
    }
    spend(1 + added / CHARACTERS_OF_A_UNIT);
  }

  void enter() {
    if (++depth > DEPTH) {
      throw TemplateException.limit("is nested more than %d deep".formatted(DEPTH));
    }
    spend(1);
  }

  void leave() {
    depth--;
  }
}
