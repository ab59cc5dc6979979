package io.loraoperator.api.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** File formats of data sets. */
public enum DatasetFormat {
  /** By the name of the file. */
  @JsonProperty("Auto")
  AUTO,

  /** One JSON object a line. */
  @JsonProperty("JsonLines")
  JSON_LINES,

  /** One JSON array of objects. */
  @JsonProperty("Json")
  JSON,

  /** Comma-separated values with a header. */
  @JsonProperty("Csv")
  CSV,

  /** Tab-separated values with a header. */
  @JsonProperty("Tsv")
  TSV,

  /** Apache Parquet. */
  @JsonProperty("Parquet")
  PARQUET,

  /** One row a line, in a column named text. */
  @JsonProperty("Text")
  TEXT
}
