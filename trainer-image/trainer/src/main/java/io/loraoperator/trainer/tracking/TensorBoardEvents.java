package io.loraoperator.trainer.tracking;

import io.loraoperator.trainer.artifacts.LogEntry;
import io.loraoperator.trainer.artifacts.LogFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.zip.CRC32C;

/**
 * The training log as TensorBoard reads it: an event with scalars for each line, with the line's
 * own time. So the file follows from the log, byte by byte, and a run that was resumed shows no
 * step twice.
 *
 * <p>Each record is the length of an Event message, the message, and a CRC of both: TFRecord.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto">event.proto</a>
 * @see <a href="https://www.tensorflow.org/tutorials/load_data/tfrecord">TFRecord</a>
 */
public final class TensorBoardEvents implements LogFile.Form {

  /** The file's name among the results; TensorBoard looks for "tfevents" in it. */
  public static final String FILE = "tensorboard/events.out.tfevents.training";

  private static final String FILE_VERSION = "brain.Event:2";
  private static final int CRC_MASK = 0xa282ead8;
  private static final double MILLIS_PER_SECOND = 1000;

  // Fields of event.proto and summary.proto.
  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE_VALUE = 2;

  @Override
  public byte[] beginning(LogEntry first) {
    return record(event(first.time()).text(EVENT_FILE_VERSION, FILE_VERSION));
  }

  @Override
  public byte[] line(LogEntry entry) {
    ProtobufMessage summary = new ProtobufMessage();
    TrackedMetrics.of(entry)
        .forEach((name, value) ->
            summary.message(
                SUMMARY_VALUE,
                new ProtobufMessage()
                    .text(VALUE_TAG, TrackedMetrics.tag(name))
                    .float32(VALUE_SIMPLE_VALUE, value.floatValue())));
    return record(
        event(entry.time()).int64(EVENT_STEP, entry.step()).message(EVENT_SUMMARY, summary));
  }

  private static ProtobufMessage event(Instant time) {
    return new ProtobufMessage().float64(EVENT_WALL_TIME, time.toEpochMilli() / MILLIS_PER_SECOND);
  }

  private static byte[] record(ProtobufMessage event) {
    byte[] data = event.toBytes();
    byte[] length = littleEndian(Long.BYTES).putLong(data.length).array();
    return littleEndian(length.length + Integer.BYTES + data.length + Integer.BYTES)
        .put(length)
        .putInt(maskedCrc(length))
        .put(data)
        .putInt(maskedCrc(data))
        .array();
  }

  /** Rotated and shifted, so that a CRC of data that hold CRCs stays a good one. */
  private static int maskedCrc(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
