package io.loraoperator.model;

/** Forms of the low-rank update. */
public enum LoraVariant {
  /**
   * s = alpha / rank.
   *
   * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., 2021</a>
   */
  STANDARD,
  /**
   * s = alpha / sqrt(rank).
   *
   * @see <a href="https://arxiv.org/abs/2312.03732">Kalajdzievski, 2023</a>
   */
  RANK_STABILIZED,
  /**
   * s = alpha / rank, and the norms of the rows of W + s B A are trained apart from their
   * directions.
   *
   * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al., 2024</a>
   */
  DORA;

  /** The factor s of B A x. */
  double scaling(double alpha, int rank) {
    return switch (this) {
      case STANDARD, DORA -> alpha / rank;
      case RANK_STABILIZED -> alpha / Math.sqrt(rank);
    };
  }
}
