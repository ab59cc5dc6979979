package io.loraoperator.trainer.template;

/**
 * The work that one rendering may do, counted instead of timed, so that the same template and
 * values always end the same way. One unit is an evaluated expression, a visited element or eight
 * characters looked at or made.
 */
final class Budget {

  /** A conversation of a thousand messages takes the longest known templates a tenth of it. */
  static final long UNITS = 20_000_000;

  /** Characters of one text, the output included. */
  static final int CHARACTERS = 8 << 20;

  /** Calls, and values within values. */
  static final int DEPTH = 64;

  private static final int CHARACTERS_OF_A_UNIT = 8;

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
