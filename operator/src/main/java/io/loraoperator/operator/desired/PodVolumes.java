package io.loraoperator.operator.desired;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.loraoperator.api.spec.Resources;
import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.Source;
import io.loraoperator.operator.check.NamedSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The volumes of an attempt's Pod and who of its containers sees which.
 *
 * @param volumes of the Pod
 * @param trainerMounts documents, scratch, progress, and the keys, certificates and data of every
 *     source
 * @param reporterMounts the token, and the progress to read
 */
record PodVolumes(
    List<Volume> volumes, List<VolumeMount> trainerMounts, List<VolumeMount> reporterMounts) {

  private static final String RUN = "run";
  private static final String WORK = "work";
  private static final String PROGRESS = "progress";
  private static final String TRAINER_TMP = "trainer-tmp";
  private static final String REPORTER_TMP = "reporter-tmp";
  private static final String TOKEN = "reporter-token";

  private static final String TMP_DIRECTORY = "/tmp";
  private static final String TOKEN_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

  /** The kubelet renews the token long before it runs out. */
  private static final long TOKEN_SECONDS = 3600;

  /** Keys are read by the containers' user, by way of the Pod's group, and by nobody else. */
  private static final int KEY_MODE = 0440;

  private static final String PROGRESS_SIZE = "16Mi";
  private static final String TRAINER_TMP_SIZE = "1Gi";
  private static final String REPORTER_TMP_SIZE = "64Mi";

  PodVolumes {
    volumes = List.copyOf(volumes);
    trainerMounts = List.copyOf(trainerMounts);
    reporterMounts = List.copyOf(reporterMounts);
  }

  static PodVolumes of(AttemptOrder order, PodSettings settings) {
    List<Volume> volumes = new ArrayList<>();
    volumes.add(
        new VolumeBuilder()
            .withName(RUN)
            .withNewConfigMap()
            .withName(order.key().jobName())
            .endConfigMap()
            .build());
    volumes.add(scratch(WORK, workSize(order, settings)));
    volumes.add(scratch(PROGRESS, PROGRESS_SIZE));
    volumes.add(scratch(TRAINER_TMP, TRAINER_TMP_SIZE));
    volumes.add(scratch(REPORTER_TMP, REPORTER_TMP_SIZE));
    volumes.add(token());

    List<VolumeMount> trainer = new ArrayList<>();
    trainer.add(mount(RUN, PodPaths.RUN_DIRECTORY, true));
    trainer.add(mount(WORK, PodPaths.WORK_DIRECTORY, false));
    trainer.add(mount(PROGRESS, PodPaths.PROGRESS_DIRECTORY, false));
    trainer.add(mount(TRAINER_TMP, TMP_DIRECTORY, false));
    Map<String, String> claims = new HashMap<>();
    for (NamedSource named : NamedSource.of(order.accepted().spec())) {
      addSource(named, volumes, trainer, claims);
    }

    return new PodVolumes(
        volumes,
        trainer,
        List.of(
            mount(TOKEN, TOKEN_DIRECTORY, true),
            mount(PROGRESS, PodPaths.PROGRESS_DIRECTORY, true),
            mount(REPORTER_TMP, TMP_DIRECTORY, false)));
  }

  private static Quantity workSize(AttemptOrder order, PodSettings settings) {
    Resources resources = order.owner().getSpec().resources();
    return resources == null || resources.ephemeralStorage() == null
        ? new Quantity(settings.workSizeLimit())
        : resources.ephemeralStorage();
  }

  private static void addSource(
      NamedSource named,
      List<Volume> volumes,
      List<VolumeMount> mounts,
      Map<String, String> claims) {
    PodPaths.Role role = named.role();
    switch (named.source()) {
      case Source.S3 s3 -> {
        if (s3.secretName() != null) {
          volumes.add(keys(role, s3.secretName()));
          mounts.add(mount(keysName(role), PodPaths.secrets(role), true));
        }
        if (s3.caConfigMapName() != null) {
          volumes.add(configMap(caName(role), s3.caConfigMapName(), PodPaths.CA_CERTIFICATE));
          mounts.add(mount(caName(role), PodPaths.certificates(role), true));
        }
      }
      case Source.PersistentVolumeClaim claim -> {
        // One volume a claim, however many sources lie on it: a Pod must not name one twice.
        String volume =
            claims.computeIfAbsent(
                claim.claimName(),
                claimName -> {
                  String fresh = "claim-" + claims.size();
                  volumes.add(
                      new VolumeBuilder()
                          .withName(fresh)
                          .withNewPersistentVolumeClaim(claimName, null)
                          .build());
                  return fresh;
                });
        mounts.add(mount(volume, PodPaths.mount(role), role != PodPaths.Role.OUTPUT));
      }
      case Source.ConfigMap data -> {
        volumes.add(configMap(role.folder() + "-data", data.name(), data.key()));
        mounts.add(mount(role.folder() + "-data", PodPaths.mount(role), true));
      }
      case Source.HuggingFace hub -> {
        if (hub.tokenSecretName() != null) {
          volumes.add(token(role, hub.tokenSecretName()));
          mounts.add(mount(keysName(role), PodPaths.secrets(role), true));
        }
      }
      case Source.Image image -> {
        String volume = role.folder() + "-image";
        volumes.add(
            new VolumeBuilder()
                .withName(volume)
                .withNewImage()
                .withReference(image.reference())
                .endImage()
                .build());
        mounts.add(mount(volume, PodPaths.mount(role), true));
      }
      case Source.Local local ->
          throw new IllegalArgumentException("a manifest has no local files: " + local);
    }
  }

  private static String keysName(PodPaths.Role role) {
    return role.folder() + "-keys";
  }

  private static String caName(PodPaths.Role role) {
    return role.folder() + "-ca";
  }

  /** Only the keys that are named; a Secret may hold more. */
  private static Volume keys(PodPaths.Role role, String secret) {
    return new VolumeBuilder()
        .withName(keysName(role))
        .withNewProjected()
        .withDefaultMode(KEY_MODE)
        .addNewSource()
        .withNewSecret()
        .withName(secret)
        .withItems(item(PodPaths.ACCESS_KEY_ID), item(PodPaths.SECRET_ACCESS_KEY))
        .endSecret()
        .endSource()
        .addNewSource()
        .withNewSecret()
        .withName(secret)
        .withItems(item(PodPaths.SESSION_TOKEN))
        // Short-lived keys only have a session token.
        .withOptional(true)
        .endSecret()
        .endSource()
        .endProjected()
        .build();
  }

  /** The token for the hub, and nothing else that the Secret may hold. */
  private static Volume token(PodPaths.Role role, String secret) {
    return new VolumeBuilder()
        .withName(keysName(role))
        .withNewSecret()
        .withSecretName(secret)
        .withDefaultMode(KEY_MODE)
        .withItems(item(PodPaths.HUB_TOKEN))
        .endSecret()
        .build();
  }

  private static Volume configMap(String volume, String name, String key) {
    return new VolumeBuilder()
        .withName(volume)
        .withNewConfigMap()
        .withName(name)
        .withItems(item(key))
        .endConfigMap()
        .build();
  }

  private static KeyToPath item(String key) {
    return new KeyToPath(key, null, key);
  }

  private static Volume scratch(String name, String size) {
    return scratch(name, new Quantity(size));
  }

  private static Volume scratch(String name, Quantity size) {
    return new VolumeBuilder()
        .withName(name)
        .withNewEmptyDir()
        .withSizeLimit(size)
        .endEmptyDir()
        .build();
  }

  /** What a mounted ServiceAccount would bring, for one container only. */
  private static Volume token() {
    return new VolumeBuilder()
        .withName(TOKEN)
        .withNewProjected()
        .addNewSource()
        .withNewServiceAccountToken()
        .withPath("token")
        .withExpirationSeconds(TOKEN_SECONDS)
        .endServiceAccountToken()
        .endSource()
        .addNewSource()
        .withNewConfigMap()
        .withName("kube-root-ca.crt")
        .withItems(item("ca.crt"))
        .endConfigMap()
        .endSource()
        .addNewSource()
        .withNewDownwardAPI()
        .addNewItem()
        .withPath("namespace")
        .withNewFieldRef()
        .withFieldPath("metadata.namespace")
        .endFieldRef()
        .endItem()
        .endDownwardAPI()
        .endSource()
        .endProjected()
        .build();
  }

  private static VolumeMount mount(String volume, String path, @Nullable Boolean readOnly) {
    return new VolumeMountBuilder()
        .withName(volume)
        .withMountPath(path)
        .withReadOnly(Boolean.TRUE.equals(readOnly) ? true : null)
        .build();
  }
}
