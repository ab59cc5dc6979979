package io.loraoperator.trainer.hub;

import java.util.List;
import java.util.Optional;

/**
 * A repository at one commit.
 *
 * @param repository its revision is the commit
 * @param files all of them, in the order of their paths
 */
public record HubSnapshot(HubRepository repository, List<HubFile> files) {

  public HubSnapshot {
    files = List.copyOf(files);
  }

  /** The address of a file, for people. */
  public String uri(HubFile file) {
    return repository + "/" + file.path();
  }

  /** The file of a path. */
  Optional<HubFile> find(String path) {
    return files.stream().filter(file -> file.path().equals(path)).findFirst();
  }
}
