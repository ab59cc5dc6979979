package io.loraoperator.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Chooses the checkpoint from which a run goes on. */
public final class CheckpointCatalog {

  /**
   * A checkpoint that can be used.
   *
   * @param folder where it lies
   */
  public record Candidate(Path folder, CheckpointManifest manifest) {}

  /**
   * A checkpoint that was passed over.
   *
   * @param reason in words for the user, naming the file concerned
   */
  public record Refusal(Path folder, String reason) {}

  /**
   * The choice.
   *
   * @param newest the newest valid checkpoint of the run; empty: start from the beginning
   * @param refused newer ones that are torn, altered or of another run, newest first
   */
  public record Selection(Optional<Candidate> newest, List<Refusal> refused) {}

  private CheckpointCatalog() {}

  /**
   * Looks through folders of checkpoints from the newest step down, until one verifies.
   *
   * @param roots folders that hold {@code step-NNNNNN} folders; missing ones count as empty
   * @param uid of the run's object
   * @param specHash of the run's document
   */
  public static Selection newestValid(List<Path> roots, String uid, String specHash) {
    List<Path> folders = new ArrayList<>();
    for (Path root : roots) {
      if (Files.isDirectory(root)) {
        Folders.list(root).stream()
            .filter(folder -> CheckpointManifest.stepOf(name(folder)).isPresent())
            .filter(Files::isDirectory)
            .forEach(folders::add);
      }
    }
    folders.sort(
        Comparator.comparingLong(
                (Path folder) -> CheckpointManifest.stepOf(name(folder)).orElseThrow())
            .reversed());
    List<Refusal> refused = new ArrayList<>();
    for (Path folder : folders) {
      try {
        CheckpointManifest manifest = CheckpointReader.verify(folder);
        Optional<String> refusal = manifest.refusal(uid, specHash);
        if (refusal.isEmpty()
            && manifest.step() != CheckpointManifest.stepOf(name(folder)).orElseThrow()) {
          refusal = Optional.of("its manifest is of step %d".formatted(manifest.step()));
        }
        if (refusal.isEmpty()) {
          return new Selection(Optional.of(new Candidate(folder, manifest)), refused);
        }
        refused.add(new Refusal(folder, refusal.get()));
      } catch (CheckpointException e) {
        refused.add(new Refusal(folder, "%s: %s".formatted(e.file(), e.problem())));
      }
    }
    return new Selection(Optional.empty(), refused);
  }

  private static String name(Path folder) {
    return folder.getFileName().toString();
  }
}
