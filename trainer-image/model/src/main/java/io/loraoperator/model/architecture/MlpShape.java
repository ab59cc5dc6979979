package io.loraoperator.model.architecture;

/**
 * output(activation(input(x))).
 *
 * @param input to the inner channels; twice as many where the activation is gated, gates first
 */
public record MlpShape(Projection input, Projection output, Activation activation)
    implements BranchShape {}
