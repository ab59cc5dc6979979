package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.Source;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.hub.HubClient;
import io.loraoperator.trainer.hub.HubDownload;
import io.loraoperator.trainer.hub.HubRepository;
import io.loraoperator.trainer.hub.HubRepository.Kind;
import io.loraoperator.trainer.storage.LocalStorage;
import io.loraoperator.trainer.storage.Retry;
import io.loraoperator.trainer.storage.S3Address;
import io.loraoperator.trainer.storage.S3Storage;
import io.loraoperator.trainer.storage.Storage;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StoredFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Brings sources to this machine, and opens the destination. */
public final class SourceFiles {

  /** Weights in formats that are not read; they may be large and lie beside those that are. */
  private static final List<String> FOREIGN_WEIGHTS =
      List.of(".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx", ".ot", ".tflite");

  private final Surroundings surroundings;
  private final Path work;
  private final Consumer<String> tell;

  /** Where the downloaded files and folders come from. */
  private final Map<Path, String> origins = new LinkedHashMap<>();

  /** The revisions that were found behind names that may move on, by the sources' fields. */
  private final Map<String, String> pinned = new TreeMap<>();

  /**
   * Brings files into a folder.
   *
   * @param tell is told of downloads
   */
  public SourceFiles(Surroundings surroundings, Path work, Consumer<String> tell) {
    this.surroundings = surroundings;
    this.work = work;
    this.tell = tell;
  }

  /** The base model as a folder or file here. */
  public Path model(Source source) {
    return fetch(source, Role.MODEL, SourceFiles::isModelFile);
  }

  /** The base model, opened, with what is added to its vocabulary. */
  public BaseModelFiles open(FineTuneSpec.BaseModel asked) {
    return BaseModelFiles.open(model(asked.source()), asked.addedTokens());
  }

  /** A data set as a file or folder here. */
  public Path data(Source source, Role role) {
    return fetch(source, role, file -> true);
  }

  /** An adapter's folder here. */
  public Path adapter(Source source) {
    return fetch(source, Role.ADAPTER, file -> true);
  }

  /**
   * Opens the destination.
   *
   * @param prefix below it, with a slash at its end; empty for the destination itself
   * @param retry of what fails for a reason that may pass
   */
  public Storage destination(Source source, String prefix, Retry retry) {
    return switch (source) {
      case Source.Local local -> new LocalStorage(local.path().resolve(prefix));
      case Source.PersistentVolumeClaim claim ->
          new LocalStorage(mounted(claim, Role.OUTPUT).resolve(prefix));
      case Source.S3 s3 ->
          new S3Storage(
              S3Address.parse(s3.uri()).resolve(prefix),
              S3Credentials.of(s3, Role.OUTPUT, surroundings),
              retry);
      case Source.ConfigMap _, Source.HuggingFace _, Source.Image _ ->
          throw new IllegalArgumentException("no destination: " + source);
    };
  }

  /**
   * The commits that the sources fetched so far stand for, by the fields of the manifest: {@code
   * hf://owner/name@commit}.
   */
  public Map<String, String> pinned() {
    return Collections.unmodifiableMap(pinned);
  }

  /** The failure with downloaded files named as the user knows them: by their address. */
  RunFailure asGiven(RunFailure failure) {
    String message = String.valueOf(failure.getMessage());
    for (Map.Entry<Path, String> origin : origins.entrySet()) {
      message = message.replace(origin.getKey().toString(), origin.getValue());
    }
    return message.equals(failure.getMessage())
        ? failure
        : new RunFailure(failure.reason(), message, failure.remedy(), failure);
  }

  private Path fetch(Source source, Role role, Predicate<StoredFile> wanted) {
    return switch (source) {
      case Source.Local local -> existing(local.path(), role);
      case Source.PersistentVolumeClaim claim -> existing(mounted(claim, role), role);
      case Source.ConfigMap map -> existing(pod(role, "configMap").resolve(map.key()), role);
      case Source.Image image -> existing(pod(role, "image"), role);
      case Source.S3 s3 -> {
        try {
          yield download(s3, role, wanted);
        } catch (StorageException e) {
          throw StorageFailures.of(e, role);
        }
      }
      case Source.HuggingFace hub -> {
        try {
          yield download(hub, role);
        } catch (StorageException e) {
          throw StorageFailures.of(e, role);
        }
      }
    };
  }

  private Path download(Source.HuggingFace hub, Role role) {
    Path folder = work.resolve("sources").resolve(role.folder());
    try (HubClient client =
        new HubClient(HubCredentials.of(hub, role, surroundings), Retry.READING)) {
      HubDownload download = new HubDownload(client, tell);
      HubDownload.Brought brought =
          switch (role) {
            case MODEL -> download.model(repository(hub, Kind.MODEL), folder);
            case ADAPTER -> download.adapter(repository(hub, Kind.MODEL), folder);
            case TRAIN, EVALUATION ->
                download.dataset(repository(hub, Kind.DATASET), hub.config(), hub.split(), folder);
            case OUTPUT, PUSH -> throw new IllegalArgumentException("no source: " + hub);
          };
      origins.putAll(brought.files());
      origins.put(folder, brought.address());
      pinned.put(field(role), brought.address());
      return brought.path();
    }
  }

  private static HubRepository repository(Source.HuggingFace hub, Kind kind) {
    return new HubRepository(
        kind, hub.repository(), Objects.requireNonNullElse(hub.revision(), HubRepository.MAIN));
  }

  private Path download(Source.S3 s3, Role role, Predicate<StoredFile> wanted) {
    S3Address address = S3Address.parse(s3.uri());
    Path folder = work.resolve("sources").resolve(role.folder());
    try (S3Storage storage =
        new S3Storage(address, S3Credentials.of(s3, role, surroundings), Retry.READING)) {
      if (!address.key().isEmpty() && !address.key().endsWith("/")) {
        Optional<StoredFile> object = storage.stat();
        if (object.isPresent()) {
          Path target = folder.resolve(address.key().substring(address.key().lastIndexOf('/') + 1));
          copy(storage, object.get(), target, s3.uri());
          origins.put(target, s3.uri());
          return target;
        }
      }
      List<StoredFile> files = storage.list("").stream().filter(wanted).toList();
      if (files.isEmpty()) {
        throw new StorageException(
            StorageException.Kind.NOT_FOUND,
            s3.uri() + ": there is no such object, and none below it that could be used",
            null);
      }
      for (StoredFile file : files) {
        Path target = folder.resolve(file.key()).normalize();
        if (!target.startsWith(folder)) {
          throw new StorageException(
              StorageException.Kind.NOT_FOUND, s3.uri() + ": refused key " + file.key(), null);
        }
        copy(storage, file, target, s3.uri());
      }
      origins.put(folder, s3.uri().replaceAll("/+$", ""));
      return folder;
    }
  }

  private void copy(Storage storage, StoredFile file, Path target, String uri) {
    tell.accept("downloading %s%s (%,d bytes)".formatted(uri, file.key(), file.bytes()));
    storage.download(file, target);
  }

  private Path mounted(Source.PersistentVolumeClaim claim, Role role) {
    Path volume = pod(role, "persistentVolumeClaim");
    Path path = volume.resolve(claim.path()).normalize();
    if (!path.startsWith(volume)) {
      throw new RunFailure(
          Reason.InvalidSpec,
          "%s: the path %s leads out of the volume".formatted(field(role), claim.path()));
    }
    return path;
  }

  private Path pod(Role role, String kind) {
    if (!surroundings.inPod()) {
      throw new RunFailure(
          Reason.InvalidSpec,
          "%s.%s can be read in a cluster only".formatted(field(role), kind),
          "Pass %s with a path of this machine.".formatted(option(role)));
    }
    return surroundings.inPod(PodPaths.mount(role));
  }

  private static Path existing(Path path, Role role) {
    if (!Files.exists(path)) {
      throw new RunFailure(
          StorageFailures.missing(role),
          "%s: %s does not exist".formatted(field(role), path),
          "Correct the path.");
    }
    return path;
  }

  /** The field of the manifest that a source stands in. */
  static String field(Role role) {
    return switch (role) {
      case MODEL -> "spec.baseModel.source";
      case TRAIN -> "spec.dataset.train.source";
      case EVALUATION -> "spec.dataset.evaluation.source";
      case OUTPUT -> "spec.output.destination";
      case ADAPTER -> "spec.lora.initialAdapter";
      case PUSH -> "spec.output.pushToHub";
    };
  }

  /** The field of a source on the hub. */
  static String hubField(Role role) {
    return role == Role.PUSH ? field(role) : field(role) + ".huggingFace";
  }

  private static String option(Role role) {
    return switch (role) {
      case MODEL -> "--base-model";
      case TRAIN -> "--train";
      case EVALUATION -> "--eval";
      case OUTPUT -> "--output";
      case ADAPTER -> "--initial-adapter";
      case PUSH -> throw new IllegalArgumentException("no path replaces " + field(role));
    };
  }

  private static boolean isModelFile(StoredFile file) {
    String name = file.name().toLowerCase(Locale.ROOT);
    return FOREIGN_WEIGHTS.stream().noneMatch(name::endsWith);
  }
}
