package io.loraoperator.trainer.checkpoint;

/**
 * What a checkpoint belongs to. A run goes on from its own checkpoints only.
 *
 * @param uid of the {@code LoraFineTune}; {@link #LOCAL} outside a cluster
 * @param specHash of the run document
 */
public record RunIdentity(String uid, String specHash) {

  /** The uid of runs that belong to no object of a cluster. */
  public static final String LOCAL = "local";
}
