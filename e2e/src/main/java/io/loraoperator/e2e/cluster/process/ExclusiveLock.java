package io.loraoperator.e2e.cluster.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock on a file that holds between processes and between threads of this one.
 *
 * <p>The file stays: removing it would let a third process lock another file of the same name.
 */
public final class ExclusiveLock implements AutoCloseable {
  /** A file lock belongs to the whole JVM, so threads need one of their own. */
  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private final ReentrantLock threads;
  private final FileChannel channel;

  private ExclusiveLock(ReentrantLock threads, FileChannel channel) {
    this.threads = threads;
    this.channel = channel;
  }

  /** Waits until nobody else holds the lock; {@code whenBusy} runs if that is not at once. */
  public static ExclusiveLock acquire(Path file, Runnable whenBusy) {
    Path key = file.toAbsolutePath().normalize();
    ReentrantLock threads = THREADS.computeIfAbsent(key, _ -> new ReentrantLock());
    boolean free = threads.tryLock();
    if (!free) {
      whenBusy.run();
      threads.lock();
    }
    try {
      Files.createDirectories(key.resolveSibling("."));
      FileChannel channel =
          FileChannel.open(key, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        if (free) {
          whenBusy.run();
        }
        channel.lock();
      }
      return new ExclusiveLock(threads, channel);
    } catch (IOException failure) {
      threads.unlock();
      throw new UncheckedIOException("Cannot lock " + key, failure);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot release a lock", failure);
    } finally {
      threads.unlock();
    }
  }
}
