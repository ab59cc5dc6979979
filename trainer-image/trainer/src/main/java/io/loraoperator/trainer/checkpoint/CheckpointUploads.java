package io.loraoperator.trainer.checkpoint;

import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.contract.ProgressSnapshot;
import io.loraoperator.trainer.storage.StorageException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Stores checkpoints beside the training: a thread writes, uploads and verifies one while the next
 * steps are taken. Where the storage is away it is tried until it is back; a newer checkpoint takes
 * the place of one that waits. A folder of this machine needs no thread: there a checkpoint is
 * stored before training goes on, so that no step follows which it does not cover.
 */
public final class CheckpointUploads implements AutoCloseable {

  /** Hears of what becomes of checkpoints, on the thread that stores them. */
  public interface Listener {
    /** A checkpoint is complete. */
    void stored(ProgressSnapshot.Checkpoint checkpoint);

    /** A checkpoint could not be stored; it, or a newer one, is tried again. */
    void failing(int step, String problem);
  }

  /** Unwinds the storing of a checkpoint that a newer one has overtaken when time is short. */
  static final class Overtaken extends RuntimeException {
    private static final long serialVersionUID = 1;

    Overtaken() {
      super("a newer checkpoint waits", null, false, false);
    }
  }

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

  private final CheckpointStore store;
  private final Listener listener;
  private final @Nullable Thread thread;

  // All guarded by this.
  private @Nullable Snapshot waiting;
  private @Nullable Snapshot underWay;
  private @Nullable RuntimeException failure;
  private boolean hurried;
  private boolean closed;

  /**
   * @param beside whether to store on a thread of its own
   */
  public CheckpointUploads(CheckpointStore store, boolean beside, Listener listener) {
    this.store = store;
    this.listener = listener;
    this.thread = beside ? Thread.ofPlatform().daemon().name("checkpoints").start(this::run) : null;
  }

  /** Hands a checkpoint over; returns at once if there is a thread, else when it is stored. */
  public void submit(Snapshot snapshot) {
    check();
    if (thread == null) {
      storeHere(snapshot);
      return;
    }
    synchronized (this) {
      waiting = snapshot;
      notifyAll();
    }
  }

  /**
   * Passes on a failure that no repetition mends.
   *
   * @throws RuntimeException the failure, a {@link StorageException} or a bug
   */
  public synchronized void check() {
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Waits until everything handed over is stored, without the usual waits between attempts.
   *
   * @return whether it is; false if time ran out
   */
  public boolean flush(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (this) {
      hurried = true;
      notifyAll();
      try {
        while (failure == null && (waiting != null || underWay != null)) {
          long left = (deadline - System.nanoTime()) / 1_000_000;
          if (left <= 0) {
            return false;
          }
          wait(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } finally {
        hurried = false;
      }
    }
    check();
    return true;
  }

  /** Ends the thread; what is not stored by then is left. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void storeHere(Snapshot snapshot) {
    try {
      listener.stored(store.commit(snapshot, () -> {}));
    } catch (StorageException | CheckpointException e) {
      if (isFinal(e)) {
        throw e;
      }
      listener.failing(snapshot.step(), String.valueOf(e.getMessage()));
    }
  }

  private void run() {
    Duration wait = FIRST_WAIT;
    for (Snapshot next = take(); next != null; next = take()) {
      try {
        listener.stored(store.commit(next, this::checkWanted));
        wait = FIRST_WAIT;
        done(null);
      } catch (Overtaken e) {
        done(null);
      } catch (StorageException | CheckpointException e) {
        if (isFinal(e)) {
          done(e);
        } else {
          listener.failing(next.step(), String.valueOf(e.getMessage()));
          again(next, wait);
          Duration doubled = wait.multipliedBy(2);
          wait = doubled.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : doubled;
        }
      } catch (RuntimeException e) {
        done(e);
      } catch (OutOfMemoryError e) {
        // The loop is to end as if it had happened there.
        done(new IllegalStateException("not enough memory to store a checkpoint", e));
      }
    }
  }

  private synchronized @Nullable Snapshot take() {
    try {
      while (waiting == null && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      return null;
    }
    if (closed) {
      return null;
    }
    underWay = waiting;
    waiting = null;
    return underWay;
  }

  private synchronized void done(@Nullable RuntimeException problem) {
    underWay = null;
    if (problem != null) {
      failure = problem;
      waiting = null;
    }
    notifyAll();
  }

  /** Tries the same checkpoint again after a while, or a newer one if there is one by then. */
  private synchronized void again(Snapshot snapshot, Duration wait) {
    long deadline = System.nanoTime() + (hurried ? FIRST_WAIT : wait).toNanos();
    boolean wasHurried = hurried;
    try {
      while (!closed && hurried == wasHurried) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          break;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      closed = true;
    }
    if (waiting == null) {
      waiting = snapshot;
    }
    underWay = null;
  }

  private synchronized void checkWanted() {
    if (hurried && waiting != null) {
      throw new Overtaken();
    }
  }

  /** Access that is denied stays denied; all else may pass. */
  private static boolean isFinal(RuntimeException e) {
    return e instanceof StorageException storage
        && storage.kind() != StorageException.Kind.UNAVAILABLE;
  }
}
