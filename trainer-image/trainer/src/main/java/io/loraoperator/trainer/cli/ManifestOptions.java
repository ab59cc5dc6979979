package io.loraoperator.trainer.cli;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.Source;
import io.loraoperator.contract.SpecReader;
import io.loraoperator.trainer.run.SourceFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The manifest of a command that looks at what would be trained, and writes nothing. */
final class ManifestOptions {

  @Parameters(paramLabel = "MANIFEST", description = "LoraFineTune manifest, YAML or JSON.")
  Path manifest = Path.of("");

  @Mixin SourceOptions sources = new SourceOptions();

  @Option(
      names = "--workdir",
      paramLabel = "DIR",
      description = "Folder for downloads (default: ${DEFAULT-VALUE}).")
  Path workdir = Path.of(".lora-trainer");

  /** Reads it; one without a destination is good enough. */
  FineTuneSpec spec() {
    Map<String, Source.Local> replaced = new LinkedHashMap<>(sources.replacements());
    replaced.putIfAbsent("output.destination", new Source.Local(workdir));
    return SpecReader.read(ManifestFile.readSpec(manifest), replaced);
  }

  /** The files that it names. */
  SourceFiles files(Shell shell, Console console) {
    return new SourceFiles(shell.local(), workdir, console::note);
  }
}
