package io.loraoperator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.loraoperator.api.LoraFineTune;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicReference;

/** The CustomResourceDefinition, made from the Java types. */
final class CrdDocument {
  private static final String HEADER =
      """
      # Made from the Java types of io.loraoperator.api; to make it again after a change of theirs:
      #   %s
      """
          .formatted(GeneratedFile.COMMAND);

  private CrdDocument() {}

  /** The definition as a tree, with what the generator's annotations cannot say added to it. */
  static ObjectNode tree() {
    AtomicReference<HasMetadata> generated = new AtomicReference<>();
    new CRDGenerator()
        .customResourceClasses(LoraFineTune.class)
        .withPostProcessor(
            new CRDPostProcessor() {
              @Override
              public HasMetadata process(HasMetadata crd, String version) {
                generated.set(crd);
                return crd;
              }
            })
        .withOutput(new Discarded())
        .generate();
    ObjectNode crd = new ObjectMapper().valueToTree(generated.get());
    SchemaCompletion.complete(crd);
    return crd;
  }

  /** The schema of an object, as the API server gets it. */
  static JsonNode schema(JsonNode crd) {
    return crd.at("/spec/versions/0/schema/openAPIV3Schema");
  }

  /** The definition as the YAML file that is committed. */
  static String yaml() {
    try {
      return HEADER + KubernetesYaml.write(tree());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The generator writes a file of its own; the tree is taken from the post-processor instead. */
  private static final class Discarded
      extends CRDGenerator.AbstractCRDOutput<ByteArrayOutputStream> {
    @Override
    protected ByteArrayOutputStream createStreamFor(String name) {
      return new ByteArrayOutputStream();
    }
  }
}
