package io.loraoperator.trainer.hub;

import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a run needs of repositories into folders of this machine.
 *
 * @param tell is told of downloads
 */
public record HubDownload(HubClient client, Consumer<String> tell) {

  /** Cards and indexes of shards; the longest released ones take about 2 MB. */
  private static final int MOST_TEXT_BYTES = 32 << 20;

  /**
   * What has been brought.
   *
   * @param path the folder, or the only file of a data set
   * @param address where it comes from, with the commit
   * @param files the address of each file here
   */
  public record Brought(Path path, String address, Map<Path, String> files) {}

  /** A base model into a folder. */
  public Brought model(HubRepository repository, Path folder) {
    HubSnapshot snapshot = client.snapshot(repository);
    return bring(
        snapshot,
        ModelFiles.ofModel(snapshot, file -> client.text(snapshot, file, MOST_TEXT_BYTES)),
        folder);
  }

  /** A PEFT adapter into a folder. */
  public Brought adapter(HubRepository repository, Path folder) {
    HubSnapshot snapshot = client.snapshot(repository);
    return bring(snapshot, ModelFiles.ofAdapter(snapshot), folder);
  }

  /**
   * The files of a split into a folder, under names in the order of their rows.
   *
   * @param config null for the default configuration
   * @param split null for the training split
   */
  public Brought dataset(
      HubRepository repository, @Nullable String config, @Nullable String split, Path folder) {
    HubSnapshot snapshot = client.snapshot(repository);
    HubFile file = DatasetFiles.card(snapshot);
    DatasetCard card =
        file == null
            ? DatasetCard.EMPTY
            : DatasetCard.parse(client.text(snapshot, file, MOST_TEXT_BYTES), snapshot.uri(file));
    List<HubFile> chosen =
        DatasetFiles.of(snapshot, card, config, split == null ? DatasetFiles.TRAIN : split);
    Map<HubFile, Path> targets = new LinkedHashMap<>();
    for (HubFile one : chosen) {
      targets.put(one, folder.resolve("%05d-%s".formatted(targets.size(), one.name())));
    }
    Brought brought = bring(snapshot, targets, folder);
    return chosen.size() == 1
        ? new Brought(
            brought.files().keySet().iterator().next(), brought.address(), brought.files())
        : brought;
  }

  private Brought bring(HubSnapshot snapshot, List<HubFile> files, Path folder) {
    Map<HubFile, Path> targets = new LinkedHashMap<>();
    for (HubFile file : files) {
      Path target = folder.resolve(file.path()).normalize();
      if (!target.startsWith(folder)) {
        throw new StorageException(
            Kind.NOT_FOUND, snapshot.uri(file) + ": the path leads out of the repository", null);
      }
      targets.put(file, target);
    }
    return bring(snapshot, targets, folder);
  }

  private Brought bring(HubSnapshot snapshot, Map<HubFile, Path> targets, Path folder) {
    Map<Path, String> addresses = new LinkedHashMap<>();
    targets.forEach((file, target) -> {
      tell.accept("downloading %s (%,d bytes)".formatted(snapshot.uri(file), file.bytes()));
      client.download(snapshot, file, target);
      addresses.put(target, snapshot.uri(file));
    });
    return new Brought(folder, snapshot.repository().toString(), addresses);
  }
}
