package io.loraoperator.trainer.artifacts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter was made from, and with what.
 *
 * @param baseModel as the manifest names it
 * @param specHash of the run document
 * @param uid of the {@code LoraFineTune}; null outside a cluster
 * @param trainerVersion release of this trainer
 */
public record Provenance(
    String baseModel,
    String baseModelSha256,
    String datasetSha256,
    String specHash,
    @Nullable String uid,
    String trainerVersion,
    int threads,
    Instant finished) {}
