package io.loraoperator.trainer.artifacts;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter was made from, and with what.
 *
 * @param baseModel as the manifest names it
 * @param revisions the commits that named revisions stood for, by the fields of the manifest:
 *     {@code hf://owner/name@commit}
 * @param specHash of the run document
 * @param uid of the {@code LoraFineTune}; null outside a cluster
 * @param trainerVersion release of this trainer
 */
public record Provenance(
    String baseModel,
    Map<String, String> revisions,
    String baseModelSha256,
    String datasetSha256,
    String specHash,
    @Nullable String uid,
    String trainerVersion,
    int threads,
    Instant finished) {}
