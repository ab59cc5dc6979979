package io.loraoperator.trainer.example;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * {@code examples/run [--models DIR] [NAME …]}: trains examples on tiny models and prints a table,
 * or only writes the models to {@code DIR/NAME}.
 */
public final class ExampleRuns {

  private static final int STEPS = 20;
  private static final String MODELS = "--models";

  private ExampleRuns() {}

  /** The checkout's root, then the command's arguments. */
  public static void main(String[] arguments) throws IOException {
    Path checkout = Path.of(arguments[0]);
    List<String> names = new ArrayList<>(List.of(arguments).subList(1, arguments.length));
    Path models = null;
    if (!names.isEmpty() && names.getFirst().equals(MODELS)) {
      models = Path.of(names.get(1));
      names.subList(0, 2).clear();
    }
    List<Example> all = Example.all(checkout);
    List<String> known = all.stream().map(Example::name).toList();
    names.stream()
        .filter(name -> !known.contains(name))
        .findFirst()
        .ifPresent(name -> {
          System.err.printf("no example %s; there are %s%n", name, String.join(", ", known));
          System.exit(2);
        });
    List<Example> chosen =
        all.stream().filter(one -> names.isEmpty() || names.contains(one.name())).toList();
    if (models != null) {
      for (Example example : chosen) {
        System.out.println(example.family().write(checkout, models.resolve(example.name())));
      }
      return;
    }
    System.out.printf(
        Locale.ROOT,
        "%-34s %-12s %5s %8s   %-18s %7s%n",
        "example",
        "family",
        "rows",
        "trained",
        "loss, 20 steps",
        "seconds");
    for (Example example : chosen) {
      print(example);
    }
  }

  private static void print(Example example) throws IOException {
    Path work = Files.createTempDirectory("lora-example-");
    try {
      Example.Run run = example.run(STEPS, work);
      System.out.printf(
          Locale.ROOT,
          "%-34s %-12s %5d %8d   %6.3f → %6.3f    %7.1f%n",
          example.name(),
          example.family().modelType(),
          run.audit().path("rows").asInt(),
          run.audit().path("trainedTokens").asInt(),
          run.losses().getFirst(),
          run.losses().getLast(),
          run.took().toMillis() / 1e3);
    } finally {
      delete(work);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
