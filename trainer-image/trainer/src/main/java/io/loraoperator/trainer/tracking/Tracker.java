package io.loraoperator.trainer.tracking;

/** Is told of a run while it goes on. Whatever happens to a tracker never stops a run. */
public interface Tracker extends AutoCloseable {

  /** How an attempt ends. */
  enum Ending {
    FINISHED,
    /** Another attempt goes on with the run. */
    KILLED,
    FAILED
  }

  /** Nobody is told. */
  Tracker NONE =
      new Tracker() {
        @Override
        public void start(boolean again) {
          // Nobody is told.
        }

        @Override
        public void end(Ending ending) {
          // Nobody is told.
        }

        @Override
        public void close() {
          // Nobody is told.
        }
      };

  /**
   * Begins to tell.
   *
   * @param again whether an earlier attempt of this run may have told something
   */
  void start(boolean again);

  /** Says how the attempt has ended. */
  void end(Ending ending);

  /** Tells what can be told within some seconds; an attempt whose end was not said has failed. */
  @Override
  void close();
}
