package io.loraoperator.e2e.cluster.process;

/** Removes what is half made if this program is told to end meanwhile. */
public final class UndoOnExit implements AutoCloseable {
  private final Thread hook;

  public UndoOnExit(String what, Runnable undo) {
    hook = new Thread(undo, "undo-" + what);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** From now on it is made, or undone already. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // Interrupted half-way: the hook is at work, as it should be.
    }
  }
}
