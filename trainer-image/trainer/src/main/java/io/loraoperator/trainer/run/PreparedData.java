package io.loraoperator.trainer.run;

import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.Tokenizer;
import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.FineTuneSpec.DataFile;
import io.loraoperator.contract.FineTuneSpec.Evaluation;
import io.loraoperator.contract.InvalidSpecException;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.Reason;
import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.BaseDropout;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.batch.RowOrder;
import io.loraoperator.trainer.batch.RowSequences;
import io.loraoperator.trainer.batch.Shuffle;
import io.loraoperator.trainer.batch.StepPlan;
import io.loraoperator.trainer.dataset.DataFiles;
import io.loraoperator.trainer.mask.DataCounts;
import io.loraoperator.trainer.mask.EncodedData;
import io.loraoperator.trainer.mask.RowEncoder;
import io.loraoperator.trainer.prompt.ModelTemplates;
import io.loraoperator.trainer.prompt.PromptFormatter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The data of a run, read, encoded, split and counted before a weight is loaded.
 *
 * @param evaluation null if nothing is held out
 * @param warnings what a user should look at
 */
public record PreparedData(
    EncodedData train, @Nullable EncodedData evaluation, StepPlan plan, List<String> warnings) {

  /**
   * Prepares the data.
   *
   * @param viewer is shown the training rows
   * @throws RunFailure if rows are wrong, or none has a token to learn
   */
  public static PreparedData of(
      FineTuneSpec spec, SourceFiles files, BaseModelFiles base, EncodedData.Viewer viewer) {
    Tokenizer tokenizer = base.tokenizer();
    List<String> warnings = new ArrayList<>();
    Map<String, Double> dropout = BaseDropout.of(base.config());
    if (!dropout.isEmpty()) {
      warnings.add(
          "the base model's own dropout (%s in its configuration) is not applied: only the adapters' spec.lora.dropout draws"
              .formatted(BaseDropout.describe(dropout)));
    }
    EncodedData train = read(spec, spec.dataset().train(), Role.TRAIN, files, base, viewer);
    checkTrainable(train.counts(), spec.loss());
    warn(train.counts(), tokenizer, warnings);
    EncodedData evaluation = null;
    switch (spec.dataset().evaluation()) {
      case null -> {}
      case Evaluation.OwnData own -> {
        evaluation = read(spec, own.data(), Role.EVALUATION, files, base, (text, row) -> {});
        if (evaluation.rows().isEmpty()) {
          throw new RunFailure(
              Reason.NoTrainableTokens,
              "spec.dataset.evaluation: none of its %d rows has a token to evaluate"
                  .formatted(evaluation.counts().rows()));
        }
      }
      case Evaluation.Fraction part -> {
        int rows = train.rows().size();
        if (rows < 2) {
          throw new RunFailure(
              Reason.DatasetInvalid,
              "spec.dataset.evaluation.fraction: there is only one row to split",
              "Add rows, or leave evaluation out.");
        }
        Shuffle.Split split = Shuffle.split(rows, part.fraction(), spec.training().seed());
        evaluation = train.select(split.evaluation());
        train = withCountsOf(train, train.select(split.train()));
      }
    }
    StepPlan plan =
        new StepPlan(
            sequences(train, spec),
            spec.training().batchSize(),
            spec.training().gradientAccumulationSteps(),
            spec.training().extent(),
            order(spec.training()),
            spec.training().seed());
    return new PreparedData(train, evaluation, plan, List.copyOf(warnings));
  }

  /**
   * Refuses rows that a model has no positions for.
   *
   * @throws InvalidSpecException saying how long rows may be
   */
  public void requirePositions(Architecture architecture) {
    int longest = Math.max(longest(train), evaluation == null ? 0 : longest(evaluation));
    if (longest > architecture.longestSequence()) {
      throw new InvalidSpecException(
          "spec.dataset.maxLength",
          "a row has %d tokens, and the model has learned positions for %d"
              .formatted(longest, architecture.longestSequence()),
          "set it to at most " + architecture.longestSequence());
    }
  }

  private static int longest(EncodedData data) {
    return data.rows().stream().mapToInt(row -> row.ids().length).max().orElse(0);
  }

  private static RowSequences sequences(EncodedData train, FineTuneSpec spec) {
    int[] lengths = train.rows().stream().mapToInt(row -> row.ids().length).toArray();
    return switch (spec.training().packing()) {
      case None -> RowSequences.single(lengths);
      case Greedy -> RowSequences.packed(lengths, spec.dataset().maxLength());
    };
  }

  private static RowOrder order(FineTuneSpec.Training training) {
    if (training.groupByLength()) {
      return RowOrder.BY_LENGTH;
    }
    return training.shuffle() ? RowOrder.SHUFFLED : RowOrder.GIVEN;
  }

  private static EncodedData read(
      FineTuneSpec spec,
      DataFile data,
      Role role,
      SourceFiles files,
      BaseModelFiles base,
      EncodedData.Viewer viewer) {
    Path path = files.data(data.source(), role);
    DataFiles rows = new DataFiles(path, data.format(), data.rows());
    PromptFormatter formatter =
        PromptFormatter.of(
            spec.dataset().prompt(),
            spec.loss(),
            spec.dataset().prompt() instanceof FineTuneSpec.Prompt.Template
                ? rows.columns()
                : Set.of(),
            ModelTemplates.of(base));
    return EncodedData.read(
        rows,
        formatter,
        new RowEncoder(base.tokenizer(), spec.dataset().maxLength()),
        spec.dataset().overlong(),
        viewer);
  }

  /** Rows and drops of the whole file, the rest of the rows that are left to train on. */
  private static EncodedData withCountsOf(EncodedData whole, EncodedData part) {
    DataCounts all = whole.counts();
    DataCounts used = part.counts();
    return new EncodedData(
        part.rows(),
        new DataCounts(
            all.rows(),
            used.usedRows(),
            used.truncatedRows(),
            all.droppedRows(),
            all.untrainableRows(),
            used.tokens(),
            used.trainedTokens(),
            used.straddlingTokens(),
            used.rowsTrainingEnd(),
            all.longestRow(),
            used.sha256()));
  }

  private static void checkTrainable(DataCounts counts, FineTuneSpec.Loss loss) {
    if (counts.rows() == 0) {
      throw new RunFailure(
          Reason.DatasetInvalid,
          "spec.dataset.train: there are no rows",
          "Put rows into the file, or widen spec.dataset.train.rows.");
    }
    if (counts.usedRows() == 0) {
      throw counts.untrainableRows() == 0
          ? new RunFailure(
              Reason.DatasetInvalid,
              "spec.dataset.maxLength: all %d rows are longer and dropped; the longest has %d tokens"
                  .formatted(counts.rows(), counts.longestRow()),
              "Raise spec.dataset.maxLength, or set spec.dataset.overlong to Truncate.")
          : new RunFailure(
              Reason.NoTrainableTokens,
              "none of the %d rows has a token to learn: spec.loss masks all of them%s"
                  .formatted(
                      counts.rows(),
                      loss.responseTemplate() == null
                          ? ""
                          : " (responseTemplate \"%s\")".formatted(loss.responseTemplate())));
    }
  }

  private static void warn(DataCounts counts, Tokenizer tokenizer, List<String> warnings) {
    if (counts.untrainableRows() > 0) {
      warnings.add(
          "%d of %d rows have no token to learn and are dropped"
              .formatted(counts.untrainableRows(), counts.rows()));
    }
    if (counts.truncatedRows() > 0) {
      warnings.add(
          "%d of %d rows are truncated; the longest has %d tokens"
              .formatted(counts.truncatedRows(), counts.rows(), counts.longestRow()));
    }
    if (tokenizer.eosId().isEmpty()) {
      warnings.add("the tokenizer has no end-of-sequence token: the model will not learn to stop");
    } else if (counts.rowsTrainingEnd() == 0) {
      warnings.add(
          "the end-of-sequence token %s is never learned: the model will not learn to stop"
              .formatted(tokenizer.token(tokenizer.eosId().getAsInt())));
    }
  }
}
