package io.loraoperator.operator.desired;

import java.util.List;

/**
 * What the administrator decides about every Pod.
 *
 * @param trainerImage reference of the image that trains
 * @param reporterImage reference of the sidecar's image
 * @param imagePullPolicy {@code Always}, {@code IfNotPresent} or {@code Never}
 * @param imagePullSecrets names of Secrets in the user's namespace
 * @param workSizeLimit of the trainer's scratch volume where the specification asks for no
 *     ephemeral storage
 * @param reporterMemory request and limit of the sidecar
 */
public record PodSettings(
    String trainerImage,
    String reporterImage,
    String imagePullPolicy,
    List<String> imagePullSecrets,
    String workSizeLimit,
    String reporterMemory) {

  public PodSettings {
    imagePullSecrets = List.copyOf(imagePullSecrets);
  }
}
