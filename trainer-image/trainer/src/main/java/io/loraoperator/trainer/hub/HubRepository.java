package io.loraoperator.trainer.hub;

/**
 * A repository of the hub at a revision.
 *
 * @param name {@code owner/name}; the oldest ones have no owner
 * @param revision commit, tag or branch
 */
public record HubRepository(Kind kind, String name, String revision) {

  /** The revision where none is named. */
  public static final String MAIN = "main";

  /** What a repository holds; the hub keeps each kind under its own addresses. */
  public enum Kind {
    MODEL("models", ""),
    DATASET("datasets", "datasets/");

    private final String api;
    private final String prefix;

    Kind(String api, String prefix) {
      this.api = api;
      this.prefix = prefix;
    }
  }

  /** What follows the endpoint where the hub tells of this revision and its files. */
  String infoPath() {
    return "/api/%s/%s/revision/%s?blobs=true".formatted(kind.api, name, Urls.encode(revision));
  }

  /** What follows the endpoint where a file of a commit lies. */
  String filePath(String commit, String path) {
    return "/%s%s/resolve/%s/%s".formatted(kind.prefix, name, commit, Urls.encodePath(path));
  }

  /** Where the hub is asked how files are to be sent. */
  String preuploadPath() {
    return "/api/%s/%s/preupload/%s".formatted(kind.api, name, Urls.encode(revision));
  }

  /** Where a commit is made. */
  String commitPath() {
    return "/api/%s/%s/commit/%s".formatted(kind.api, name, Urls.encode(revision));
  }

  /** Where Git LFS asks about objects. */
  String largeFilesPath() {
    return "/%s%s.git/info/lfs/objects/batch".formatted(kind.prefix, name);
  }

  /** The same at a commit. */
  HubRepository at(String commit) {
    return new HubRepository(kind, name, commit);
  }

  /** The address that the hub's own file system uses: {@code hf://datasets/owner/name@revision}. */
  @Override
  public String toString() {
    return "hf://%s%s@%s".formatted(kind.prefix, name, revision);
  }
}
