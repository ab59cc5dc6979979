package io.loraoperator.trainer.hub;

import java.util.regex.Pattern;

/**
 * Patterns of paths as data sets' cards write them: {@code data/train-*}, {@code **}{@code
 * /*.json}.
 */
final class Glob {

  private Glob() {}

  /**
   * The pattern as a regular expression: {@code *} and {@code ?} stay within a folder, {@code **}
   * does not, and {@code **}{@code /} is also no folder at all.
   */
  static Pattern compile(String glob) {
    StringBuilder regex = new StringBuilder();
    int i = 0;
    while (i < glob.length()) {
      char c = glob.charAt(i);
      int close = c == '[' ? glob.indexOf(']', i + 2) : -1;
      if (glob.startsWith("**/", i)) {
        regex.append("(?:.*/)?");
        i += 3;
      } else if (glob.startsWith("**", i)) {
        regex.append(".*");
        i += 2;
      } else if (c == '*') {
        regex.append("[^/]*");
        i++;
      } else if (c == '?') {
        regex.append("[^/]");
        i++;
      } else if (close > 0) {
        regex.append(oneOf(glob.substring(i + 1, close)));
        i = close + 1;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
        i++;
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  private static String oneOf(String characters) {
    boolean negated = characters.startsWith("!") || characters.startsWith("^");
    StringBuilder set = new StringBuilder(negated ? "[^/" : "[");
    for (char c : characters.substring(negated ? 1 : 0).toCharArray()) {
      set.append(Character.isLetterOrDigit(c) || c == '-' ? "" : "\\").append(c);
    }
    return set.append(']').toString();
  }
}
