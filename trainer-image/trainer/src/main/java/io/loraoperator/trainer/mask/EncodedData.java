package io.loraoperator.trainer.mask;

import io.loraoperator.contract.FineTuneSpec.Overlong;
import io.loraoperator.trainer.dataset.DataFiles;
import io.loraoperator.trainer.prompt.PromptFormatter;
import io.loraoperator.trainer.prompt.PromptText;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The rows of a data set as tokens, and what was counted on the way.
 *
 * @param rows those that are used, in the order of the files
 */
public record EncodedData(List<EncodedRow> rows, DataCounts counts) {

  public EncodedData {
    rows = List.copyOf(rows);
  }

  /** Is shown every row that is used, in order. */
  public interface Viewer {
    void view(PromptText text, EncodedRow row);
  }

  /**
   * Reads and encodes all rows.
   *
   * @throws io.loraoperator.trainer.RunFailure naming file and line of the first row that is wrong,
   *     or too long where that is an error
   */
  public static EncodedData read(
      DataFiles files,
      PromptFormatter formatter,
      RowEncoder encoder,
      Overlong overlong,
      Viewer viewer) {
    Tally tally = new Tally();
    long rows =
        files.forEach(row -> {
          PromptText text = formatter.format(row);
          EncodedRow encoded = encoder.encode(text);
          tally.longest = Math.max(tally.longest, encoded.tokensBeforeTruncation());
          if (encoded.truncated() && overlong == Overlong.Fail) {
            throw row.invalid(
                "has %d tokens; spec.dataset.maxLength is %d and spec.dataset.overlong is Fail"
                    .formatted(encoded.tokensBeforeTruncation(), encoded.ids().length));
          }
          if (encoded.truncated() && overlong == Overlong.Drop) {
            tally.dropped++;
          } else if (encoded.trainedTokens() == 0) {
            tally.dropped++;
            tally.untrainable++;
          } else {
            tally.use(encoded);
            viewer.view(text, encoded);
          }
        });
    return tally.finish(rows);
  }

  /** The rows at some places, with counts of their own; {@code rows} counts the places. */
  public EncodedData select(List<Integer> places) {
    Tally tally = new Tally();
    places.forEach(place -> tally.use(rows.get(place)));
    return tally.finish(places.size());
  }

  /** Counts the used rows. */
  private static final class Tally {
    private final List<EncodedRow> used = new ArrayList<>();
    private final MessageDigest digest = sha256();
    private long truncated;
    private long dropped;
    private long untrainable;
    private long tokens;
    private long trainedTokens;
    private long straddling;
    private long trainingEnd;
    private int longest;

    void use(EncodedRow row) {
      used.add(row);
      truncated += row.truncated() ? 1 : 0;
      tokens += row.ids().length;
      trainedTokens += row.trainedTokens();
      straddling += row.straddling();
      trainingEnd += row.trainsEnd() ? 1 : 0;
      longest = Math.max(longest, row.tokensBeforeTruncation());
      ByteBuffer bytes = ByteBuffer.allocate(4 + 5 * row.ids().length);
      bytes.putInt(row.ids().length);
      for (int i = 0; i < row.ids().length; i++) {
        bytes.putInt(row.ids()[i]).put((byte) (row.trained()[i] ? 1 : 0));
      }
      digest.update(bytes.flip());
    }

    EncodedData finish(long rows) {
      return new EncodedData(
          used,
          new DataCounts(
              rows,
              used.size(),
              truncated,
              dropped,
              untrainable,
              tokens,
              trainedTokens,
              straddling,
              trainingEnd,
              longest,
              HexFormat.of().formatHex(digest.digest())));
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }
}
