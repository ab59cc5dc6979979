package io.loraoperator.trainer.run;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.trainer.checkpoint.RunIdentity;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A run that is asked for.
 *
 * @param run number of the run, 1 outside a cluster
 * @param attempt number of the attempt, 1 outside a cluster
 * @param prefix of the results below their destination; empty outside a cluster
 * @param threads to compute with
 * @param work a folder for downloads and for files before they are stored
 * @param progressFile null if nobody reads it
 */
public record RunRequest(
    FineTuneSpec spec,
    RunIdentity identity,
    int run,
    int attempt,
    String prefix,
    int threads,
    Path work,
    @Nullable Path progressFile) {}
