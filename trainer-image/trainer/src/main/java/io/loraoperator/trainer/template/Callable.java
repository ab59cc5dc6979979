package io.loraoperator.trainer.template;

import org.jspecify.annotations.Nullable;

/** What a template can call. */
interface Callable {
  @Nullable Object call(Arguments arguments, Run run);
}
