package io.loraoperator.e2e.cluster.k3s;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import java.nio.charset.StandardCharsets;

/** Collects what a container printed. */
final class LogText extends ResultCallback.Adapter<Frame> {
  private final StringBuilder text;

  LogText(StringBuilder text) {
    this.text = text;
  }

  @Override
  public void onNext(Frame frame) {
    text.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
  }
}
