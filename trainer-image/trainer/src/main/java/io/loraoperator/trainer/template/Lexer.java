package io.loraoperator.trainer.template;

import io.loraoperator.trainer.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens. Whitespace follows Jinja2 with {@code trim_blocks} and {@code
 * lstrip_blocks}: blanks before a block or comment that begins its line go, as does the line break
 * right behind one; {@code -} takes all whitespace on its side and {@code +} keeps it; one line
 * break at the end of the template goes.
 */
final class Lexer {

  private static final Pattern NUMBER =
      Pattern.compile("\\d[\\d_]*(?:(?:\\.\\d[\\d_]*)?[eE][+-]?\\d[\\d_]*|\\.\\d[\\d_]*)?");
  private static final Pattern NAME =
      Pattern.compile("[\\p{L}_][\\p{L}\\p{N}\\p{M}_]*", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-%\\}\\s*|%\\})");
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(\\+%\\}|-%\\}\\s*|%\\}\\n?)");
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  /** All tokens, the last of which is {@link Kind#END}. */
  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    Lexer lexer =
        new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    int begin = nextBegin();
    while (begin >= 0) {
      boolean variable = source.charAt(begin + 1) == '{';
      data(begin, variable, sign(begin));
      Matcher raw = RAW.matcher(source).region(position, source.length());
      if (source.charAt(begin + 1) == '#') {
        comment();
      } else if (raw.lookingAt()) {
        raw(raw);
      } else {
        boolean signed = sign(begin) == '-' || sign(begin) == '+';
        add(variable ? Kind.VARIABLE_BEGIN : Kind.BLOCK_BEGIN, "");
        position += signed ? 3 : 2;
        inside(variable);
      }
      begin = nextBegin();
    }
    add(Kind.DATA, source.substring(position));
    advance(source.length());
    add(Kind.END, "");
  }

  private int nextBegin() {
    for (int at = source.indexOf('{', position); at >= 0; at = source.indexOf('{', at + 1)) {
      if (at + 1 < source.length() && "{%#".indexOf(source.charAt(at + 1)) >= 0) {
        return at;
      }
    }
    return -1;
  }

  private char sign(int begin) {
    return begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
  }

  /** The text up to a tag, with what its sign or the rules take from its end. */
  private void data(int end, boolean variable, char sign) {
    String text = source.substring(position, end);
    add(Kind.DATA, trimmed(text, variable, sign));
    advance(end);
  }

  private String trimmed(String text, boolean variable, char sign) {
    if (sign == '-') {
      return PythonText.stripEnd(text);
    }
    int start = text.lastIndexOf('\n') + 1;
    boolean beginsLine =
        (start > 0 || lineStarts) && PythonText.stripStart(text.substring(start)).isEmpty();
    return sign != '+' && !variable && beginsLine ? text.substring(0, start) : text;
  }

  private void comment() {
    int end = source.indexOf("#}", position + 2);
    if (end < 0) {
      throw syntax("a comment is not closed: #} is missing");
    }
    char sign = end > position + 2 ? source.charAt(end - 1) : ' ';
    advance(end + 2);
    after(sign, true);
  }

  private void raw(Matcher begin) {
    advance(begin.end());
    lineStarts = begin.group().endsWith("\n");
    Matcher end = END_RAW.matcher(source);
    if (!end.find(position)) {
      throw syntax("raw is not closed: {% endraw %} is missing");
    }
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    add(Kind.DATA, trimmed(source.substring(position, end.start()), false, sign));
    advance(end.end());
    lineStarts = end.group().endsWith("\n");
  }

  /** What is taken behind a closing tag. */
  private void after(char sign, boolean block) {
    int from = position;
    if (sign == '-') {
      while (position < source.length() && PythonText.isSpace(source.charAt(position))) {
        position++;
      }
    } else if (sign != '+' && block && source.startsWith("\n", position)) {
      position++;
    }
    for (int i = from; i < position; i++) {
      line += source.charAt(i) == '\n' ? 1 : 0;
    }
    lineStarts = position > from && source.charAt(position - 1) == '\n';
  }

  private void inside(boolean variable) {
    String close = variable ? "}}" : "%}";
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      while (position < source.length() && PythonText.isSpace(source.charAt(position))) {
        advance(position + 1);
      }
      if (position >= source.length()) {
        throw syntax("a tag is not closed: %s is missing".formatted(close));
      }
      char c = source.charAt(position);
      boolean signed =
          (c == '-' || (c == '+' && !variable)) && source.startsWith(close, position + 1);
      if (open.isEmpty() && (signed || source.startsWith(close, position))) {
        add(variable ? Kind.VARIABLE_END : Kind.BLOCK_END, "");
        position += signed ? 3 : 2;
        after(signed ? c : ' ', !variable);
        return;
      }
      if (c == '\'' || c == '"') {
        string(c);
      } else if (!match(NUMBER) && !match(NAME)) {
        operator(open);
      }
    }
  }

  private boolean match(Pattern pattern) {
    Matcher matcher = pattern.matcher(source).region(position, source.length());
    if (!matcher.lookingAt()) {
      return false;
    }
    String text = matcher.group();
    Kind number = text.matches("[\\d_]+") ? Kind.INTEGER : Kind.FLOAT;
    add(pattern == NAME ? Kind.NAME : number, pattern == NAME ? text : text.replace("_", ""));
    position = matcher.end();
    return true;
  }

  private void string(char quote) {
    int end = position + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw syntax("a string is not closed: %s is missing".formatted(quote));
    }
    add(Kind.STRING, PythonText.unescape(source.substring(position + 1, end)));
    advance(end + 1);
  }

  private void operator(Deque<Character> open) {
    String operator =
        OPERATORS.stream()
            .filter(candidate -> source.startsWith(candidate, position))
            .findFirst()
            .orElseThrow(() -> syntax("unexpected character " + source.charAt(position)));
    char c = operator.charAt(0);
    if ("([{".indexOf(c) >= 0) {
      open.push(c);
    } else if (")]}".indexOf(c) >= 0) {
      if (open.isEmpty() || "([{".indexOf(open.pop()) != ")]}".indexOf(c)) {
        throw syntax("unexpected " + c);
      }
    }
    add(Kind.OPERATOR, operator);
    position += operator.length();
  }

  private void add(Kind kind, String text) {
    if (kind != Kind.DATA || !text.isEmpty()) {
      tokens.add(new Token(kind, text, line));
    }
  }

  private void advance(int to) {
    for (int i = position; i < to; i++) {
      line += source.charAt(i) == '\n' ? 1 : 0;
    }
    position = to;
  }

  private TemplateException syntax(String message) {
    return new TemplateException(TemplateException.Kind.SYNTAX, line, message);
  }
}
