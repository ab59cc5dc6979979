package io.loraoperator.trainer.run;

import io.loraoperator.contract.ExitCode;
import io.loraoperator.contract.ResultDocument;

/** How an attempt ended. */
public record RunOutcome(ExitCode code, ResultDocument document) {}
