package io.loraoperator.operator.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.contract.FieldKind;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.RunDocument;
import io.loraoperator.contract.SpecReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * Decides whether a specification can be carried out. The API server has checked the schema; here
 * follows what a schema cannot say, and what this version does not do yet.
 */
public final class SpecExaminer {

  /** The hash of a document leaves its threads out. */
  private static final int ANY_THREADS = 1;

  private final List<Consumer<FineTuneSpec>> rules;

  /**
   * @param allowedEndpoints the storage endpoints that specifications may name; empty for all
   */
  public SpecExaminer(List<String> allowedEndpoints) {
    this.rules = List.of(new EndpointRule(allowedEndpoints));
  }

  /** Asks every rule in order; the first that is broken decides. */
  public SpecVerdict examine(JsonNode tree) {
    try {
      FineTuneSpec spec = SpecReader.read(tree);
      rules.forEach(rule -> rule.accept(spec));
      return new SpecVerdict.Accepted(
          tree,
          spec,
          RunDocument.of(tree, ANY_THREADS).specHash(),
          sha256(ContractJson.write(RunDocument.canonical(tree, FieldKind.ATTEMPT))));
    } catch (InvalidSpecException e) {
      return new SpecVerdict.Rejected(Reason.InvalidSpec, Sentences.join(message(e), e.remedy()));
    }
  }

  /** The field and what is wrong with it; some messages name the field themselves. */
  private static String message(InvalidSpecException e) {
    String whole = String.valueOf(e.getMessage());
    String bare = whole.substring(Math.min(whole.length(), e.field().length() + 2));
    return bare.contains(e.field()) ? bare : whole;
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
