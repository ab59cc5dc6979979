package io.loraoperator.trainer.loop;

/** Asked from another thread to stop; looked at by the loop after every step. */
public final class StopSignal {

  private volatile boolean requested;

  /** Asks to stop soon. */
  public void request() {
    requested = true;
  }

  /** Whether somebody asked. */
  public boolean requested() {
    return requested;
  }

  /**
   * Stops what is being done if somebody asked.
   *
   * @throws Interruption if so
   */
  public void check() {
    if (requested) {
      throw new Interruption();
    }
  }

  /** Unwinds work that need not be finished. */
  public static final class Interruption extends RuntimeException {
    Interruption() {
      super("told to stop", null, false, false);
    }
  }
}
