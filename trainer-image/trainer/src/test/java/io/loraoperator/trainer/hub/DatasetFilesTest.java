package io.loraoperator.trainer.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.trainer.hub.HubRepository.Kind;
import io.loraoperator.trainer.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which files a split has, compared with the Python library {@code datasets}. */
class DatasetFilesTest {

  private static final Path LAYOUTS = Path.of("../parity/hub/layouts.json");

  static List<Named<JsonNode>> layouts() throws IOException {
    List<Named<JsonNode>> layouts = new ArrayList<>();
    new ObjectMapper()
        .readTree(LAYOUTS.toFile())
        .forEach(layout -> layouts.add(Named.of(layout.path("name").asText(), layout)));
    return layouts;
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void everySplitHasTheFilesThatDatasetsTakes(JsonNode layout) {
    JsonNode splits = layout.path("splits");
    if (splits.isNull()) {
      assertThat(refusal(layout, "train").kind()).isEqualTo(StorageException.Kind.NOT_FOUND);
      return;
    }
    splits
        .properties()
        .forEach(split -> {
          List<String> expected = new ArrayList<>();
          split.getValue().forEach(path -> expected.add(path.asText()));
          assertThat(files(layout, split.getKey())).isEqualTo(expected);
        });
    assertThat(refusal(layout, "no_such_split").getMessage())
        .contains("it has the splits")
        .contains(String.join(", ", names(splits)));
  }

  @ParameterizedTest
  @CsvSource({
    "no data, train, many such data sets have their rows under revision refs/convert/parquet",
    "no such configuration, train, has no configuration en; it has: default",
    "'card without a default', train, config names none of them; it has: en",
  })
  void refusalsSayWhatThereIs(String name, String split, String message) throws IOException {
    JsonNode layout =
        layouts().stream()
            .filter(one -> one.getName().equals(name))
            .findFirst()
            .orElseThrow()
            .getPayload();
    assertThat(refusal(layout, split)).hasMessageContaining(message);
  }

  private static StorageException refusal(JsonNode layout, String split) {
    return catchThrowableOfType(StorageException.class, () -> files(layout, split));
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> files(JsonNode layout, String split) {
    List<HubFile> files = new ArrayList<>();
    layout.path("files").forEach(path -> files.add(new HubFile(path.asText(), 1, null)));
    HubSnapshot snapshot =
        new HubSnapshot(new HubRepository(Kind.DATASET, "acme/rows", "main"), files);
    DatasetCard card =
        layout.path("card").isNull()
            ? DatasetCard.EMPTY
            : DatasetCard.parse(layout.path("card").asText(), "README.md");
    String config = layout.path("config").isNull() ? null : layout.path("config").asText();
    return DatasetFiles.of(snapshot, card, config, split).stream().map(HubFile::path).toList();
  }
}
