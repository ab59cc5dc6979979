package io.loraoperator.trainer.template;

import io.loraoperator.trainer.template.Token.Kind;
import java.util.List;

/** Tokens, read one by one. */
final class TokenStream {

  /** Brackets within brackets and blocks within blocks. */
  private static final int DEPTH = 100;

  private final List<Token> tokens;
  private int position;
  private int depth;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(position);
  }

  Token peekNext() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(position);
    position = Math.min(position + 1, tokens.size() - 1);
    return token;
  }

  boolean skip(String operator) {
    return peek().is(operator) && next() != null;
  }

  boolean skipName(String name) {
    return peek().isName(name) && next() != null;
  }

  void expect(String operator) {
    if (!skip(operator)) {
      throw unexpected(operator);
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected(name);
    }
  }

  Token expect(Kind kind, String wanted) {
    if (peek().kind() != kind) {
      throw unexpected(wanted);
    }
    return next();
  }

  void enter() {
    if (++depth > DEPTH) {
      throw syntax("is nested more than %d deep".formatted(DEPTH));
    }
  }

  void leave() {
    depth--;
  }

  TemplateException unexpected(String wanted) {
    return syntax("expected %s, not %s".formatted(wanted, peek()));
  }

  TemplateException syntax(String message) {
    return new TemplateException(TemplateException.Kind.SYNTAX, peek().line(), message);
  }
}
