package io.loraoperator.checkpoint;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A model file that cannot be used: which one, what is wrong with it, and what to do about it. */
public final class CheckpointException extends RuntimeException {

  /** What kind of trouble it is, so that callers can choose a reason without reading the text. */
  public enum Kind {
    /** A file or folder that should be there is not. */
    NOT_FOUND,
    /** The file is damaged, torn, or not what its name says. */
    INVALID,
    /** The file is sound, but of a format or with a feature that is not read. */
    UNSUPPORTED,
    /** The file system failed: no permission, no space left, a broken disk. */
    IO
  }

  private final Kind kind;
  private final String file;
  private final String problem;
  private final String remedy;

  /**
   * @param file the file or folder, as the user knows it
   * @param problem what is wrong, without the file's name and without a full stop
   * @param remedy what the user can do, as an imperative sentence
   */
  public CheckpointException(Kind kind, String file, String problem, String remedy) {
    this(kind, file, problem, remedy, null);
  }

  CheckpointException(
      Kind kind, String file, String problem, String remedy, @Nullable Throwable cause) {
    super("%s: %s. %s".formatted(file, problem, remedy), cause);
    this.kind = kind;
    this.file = file;
    this.problem = problem;
    this.remedy = remedy;
  }

  static CheckpointException notFound(Path file, String problem, String remedy) {
    return new CheckpointException(Kind.NOT_FOUND, file.toString(), problem, remedy);
  }

  static CheckpointException invalid(String file, String problem, String remedy) {
    return new CheckpointException(Kind.INVALID, file, problem, remedy);
  }

  static CheckpointException unsupported(String file, String problem, String remedy) {
    return new CheckpointException(Kind.UNSUPPORTED, file, problem, remedy);
  }

  static CheckpointException io(Path file, String doing, Exception cause) {
    return new CheckpointException(
        Kind.IO,
        file.toString(),
        "%s failed: %s".formatted(doing, cause),
        "Check that the path exists, that this user may use it, and that the disk has space.",
        cause);
  }

  public Kind kind() {
    return kind;
  }

  /** The file or folder concerned. */
  public String file() {
    return file;
  }

  /** What is wrong, without the file's name. */
  public String problem() {
    return problem;
  }

  /** What the user can do. */
  public String remedy() {
    return remedy;
  }
}
