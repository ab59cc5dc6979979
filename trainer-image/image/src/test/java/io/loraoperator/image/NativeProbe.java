package io.loraoperator.image;

import ai.djl.engine.Engine;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.stream.Stream;

/** Runs inside the trainer's image: loads each native library and says how long that took. */
final class NativeProbe {
  private NativeProbe() {}

  public static void main(String[] arguments) throws Exception {
    long start = System.nanoTime();
    Engine engine = Engine.getEngine("PyTorch");
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray ones = manager.ones(new Shape(2, 2));
      System.out.printf("torch %s %s%n", engine.getVersion(), ones.matMul(ones).sum().getFloat());
    }
    System.out.printf("torch-milliseconds %d%n", milliseconds(start));

    start = System.nanoTime();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT 42")) {
      rows.next();
      System.out.printf("duckdb %d%n", rows.getInt(1));
    }
    System.out.printf("duckdb-milliseconds %d%n", milliseconds(start));

    start = System.nanoTime();
    LibUtils.checkStatus();
    System.out.printf("tokenizers-milliseconds %d%n", milliseconds(start));

    try (Stream<Path> files = Files.walk(Path.of("/tmp"))) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> !file.startsWith("/tmp/probe"))
          .forEach(file -> System.out.println("unpacked " + file));
    }
    if (Files.readString(Path.of("/proc/self/maps")).contains("libtcmalloc_minimal")) {
      System.out.println("allocator tcmalloc");
    }
    System.out.println("encoding " + System.getProperty("sun.jnu.encoding"));
  }

  private static long milliseconds(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }
}
