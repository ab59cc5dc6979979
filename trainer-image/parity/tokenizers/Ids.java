import io.loraoperator.checkpoint.BaseModelFiles;
import java.nio.file.Path;
import java.util.Arrays;

/** Prints a line of ids for each text, as the trainer's tokenizer of a model folder has them. */
public final class Ids {

  private Ids() {}

  /**
   * Prints them.
   *
   * @param arguments the folder, then the texts
   */
  public static void main(String[] arguments) {
    try (BaseModelFiles model = BaseModelFiles.open(Path.of(arguments[0]))) {
      for (String text : Arrays.copyOfRange(arguments, 1, arguments.length)) {
        System.out.println(Arrays.toString(model.tokenizer().encode(text, false).ids()));
      }
    }
  }
}
